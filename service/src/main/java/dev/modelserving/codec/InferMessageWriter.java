package dev.modelserving.codec;

import com.google.protobuf.CodedOutputStream;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the {@code ModelInferResponse} of the Open Inference Protocol over gRPC, with its elements in
 * {@code raw_output_contents}, as Triton does whatever the request looks like: its clients read nothing else. Numbers are
 * written from where they lie, so it has to be used while they are there.
 */
public final class InferMessageWriter {
    private static final int MODEL_NAME = 1;
    private static final int MODEL_VERSION = 2;
    private static final int ID = 3;
    private static final int OUTPUTS = 5;
    private static final int RAW_CONTENTS = 6;
    private static final int OUTPUT_NAME = 1;
    private static final int OUTPUT_DATATYPE = 2;
    private static final int OUTPUT_SHAPE = 3;
    private static final int LENGTH_DELIMITED = 2;
    private static final int MOST_BUFFERED = 8 << 10;

    private final String modelName;
    private final String modelVersion;
    private final String id;
    private final List<Output> outputs;
    private final int size;

    private InferMessageWriter(ModelRef model, String id, List<Output> outputs) {
        this.modelName = model.id().value();
        this.modelVersion = model.version().toString();
        this.id = id;
        this.outputs = List.copyOf(outputs);
        int bytes = CodedOutputStream.computeStringSize(MODEL_NAME, modelName)
                + CodedOutputStream.computeStringSize(MODEL_VERSION, modelVersion);
        if (!id.isEmpty()) {
            bytes += CodedOutputStream.computeStringSize(ID, id);
        }
        for (Output output : outputs) {
            bytes = Math.addExact(bytes, prefixed(OUTPUTS, output.size()));
            bytes = Math.addExact(bytes, prefixed(RAW_CONTENTS, output.data.remaining()));
        }
        this.size = bytes;
    }

    /** Whatever {@code response} refers to must stay as it is until the message is written. */
    public static InferMessageWriter of(ModelRef model, PredictRequest asked, InferenceResponse response) {
        List<Output> outputs = new ArrayList<>(response.outputs().size());
        asked.forms()
                .classified(response)
                .outputs()
                .forEach((name, tensor) -> outputs.add(
                        new Output(name, tensor.type().name(), tensor.shape(), InferResponseWriter.data(tensor))));
        return new InferMessageWriter(model, asked.id().orElse(""), outputs);
    }

    private record Output(String name, String datatype, Shape shape, ByteBuffer data) {
        int size() {
            return CodedOutputStream.computeStringSize(OUTPUT_NAME, name)
                    + CodedOutputStream.computeStringSize(OUTPUT_DATATYPE, datatype)
                    + (shape.rank() == 0 ? 0 : prefixed(OUTPUT_SHAPE, shapeSize()));
        }

        private int shapeSize() {
            int bytes = 0;
            for (int axis = 0; axis < shape.rank(); axis++) {
                bytes += CodedOutputStream.computeInt64SizeNoTag(shape.dimension(axis));
            }
            return bytes;
        }

        void writeTo(CodedOutputStream target) throws IOException {
            begin(target, OUTPUTS, size());
            target.writeString(OUTPUT_NAME, name);
            target.writeString(OUTPUT_DATATYPE, datatype);
            if (shape.rank() > 0) {
                begin(target, OUTPUT_SHAPE, shapeSize());
                for (int axis = 0; axis < shape.rank(); axis++) {
                    target.writeInt64NoTag(shape.dimension(axis));
                }
            }
        }
    }

    private static int prefixed(int field, int length) {
        return Math.addExact(
                CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(length), length);
    }

    private static void begin(CodedOutputStream target, int field, int length) throws IOException {
        target.writeTag(field, LENGTH_DELIMITED);
        target.writeUInt32NoTag(length);
    }

    /** In bytes. */
    public int size() {
        return size;
    }

    public void writeTo(OutputStream stream) throws IOException {
        CodedOutputStream target = CodedOutputStream.newInstance(stream, Math.min(size, MOST_BUFFERED));
        target.writeString(MODEL_NAME, modelName);
        target.writeString(MODEL_VERSION, modelVersion);
        if (!id.isEmpty()) {
            target.writeString(ID, id);
        }
        for (Output output : outputs) {
            output.writeTo(target);
        }
        for (Output output : outputs) {
            begin(target, RAW_CONTENTS, output.data.remaining());
            target.writeRawBytes(output.data.duplicate());
        }
        target.flush();
    }
}
