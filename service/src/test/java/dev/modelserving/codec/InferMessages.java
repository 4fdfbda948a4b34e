package dev.modelserving.codec;

import com.google.protobuf.ByteString;
import dev.modelserving.model.Tensor;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Requests as the library for protocol buffers writes them. */
final class InferMessages {
    private InferMessages() {}

    /** Without data. */
    static InferInputTensor.Builder input(String name, Tensor tensor) {
        InferInputTensor.Builder input = InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(tensor.type().name());
        Arrays.stream(tensor.shape().toArray()).forEach(input::addShape);
        return input;
    }

    static ModelInferRequest raw(String name, Tensor tensor) {
        return ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input(name, tensor))
                .addRawInputContents(ByteString.copyFrom(BinaryBodies.data(tensor)))
                .build();
    }

    /** FP16 and BF16 have no field. */
    static boolean canBeTyped(Tensor tensor) {
        return switch (tensor.type()) {
            case FP16, BF16 -> false;
            default -> true;
        };
    }

    static ModelInferRequest typed(String name, Tensor tensor) {
        return ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input(name, tensor).setContents(contents(tensor)))
                .build();
    }

    private static InferTensorContents.Builder contents(Tensor tensor) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        if (tensor instanceof Tensor.Strings strings) {
            strings.elements().forEach(element -> contents.addBytesContents(ByteString.copyFromUtf8(element)));
            return contents;
        }
        ByteBuffer data = ((Tensor.Numbers) tensor).data().duplicate().order(ByteOrder.nativeOrder());
        while (data.hasRemaining()) {
            switch (tensor.type()) {
                case BOOL -> contents.addBoolContents(data.get() != 0);
                case INT8 -> contents.addIntContents(data.get());
                case INT16 -> contents.addIntContents(data.getShort());
                case INT32 -> contents.addIntContents(data.getInt());
                case INT64 -> contents.addInt64Contents(data.getLong());
                case UINT8 -> contents.addUintContents(data.get() & 0xFF);
                case UINT16 -> contents.addUintContents(data.getShort() & 0xFFFF);
                case UINT32 -> contents.addUintContents(data.getInt());
                case UINT64 -> contents.addUint64Contents(data.getLong());
                case FP32 -> contents.addFp32Contents(data.getFloat());
                case FP64 -> contents.addFp64Contents(data.getDouble());
                case FP16, BF16, BYTES -> throw new IllegalArgumentException(tensor.type() + " has no numbers there");
            }
        }
        return contents;
    }
}
