package dev.modelserving.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.TensorType;
import inference.InferTensorContents;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Tensors of the Open Inference Protocol, from JSON into its other forms and back. */
final class ProtocolTensors {
    private ProtocolTensors() {}

    /** The data of a tensor as binary requests have it. */
    static byte[] raw(JsonNode tensor) {
        TensorType type = TensorType.valueOf(tensor.path("datatype").asText());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode element : tensor.path("data")) {
            bytes.writeBytes(raw(type, element));
        }
        return bytes.toByteArray();
    }

    private static byte[] raw(TensorType type, JsonNode element) {
        if (type == TensorType.BYTES) {
            byte[] text = element.asText().getBytes(StandardCharsets.UTF_8);
            byte[] prefixed = new byte[4 + text.length];
            little(prefixed).putInt(text.length).put(text);
            return prefixed;
        }
        byte[] bytes = new byte[type.byteSize()];
        ByteBuffer one = little(bytes);
        switch (type) {
            case BOOL -> one.put((byte) (element.asBoolean() ? 1 : 0));
            case INT8, UINT8 -> one.put((byte) element.asInt());
            case INT16, UINT16 -> one.putShort((short) element.asInt());
            case INT32, UINT32 -> one.putInt((int) element.asLong());
            case INT64, UINT64 -> one.putLong(element.bigIntegerValue().longValue());
            case FP16, BF16 -> one.putShort(ShortFloat.round(type, floating(element)));
            case FP32 -> one.putFloat((float) floating(element));
            default -> one.putDouble(floating(element));
        }
        return bytes;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** NaN and the infinities are words. */
    private static double floating(JsonNode element) {
        return element.isTextual() ? Double.parseDouble(element.asText()) : element.asDouble();
    }

    /** Whether messages have a field for elements of the type. */
    static boolean canBeTyped(JsonNode tensor) {
        return !tensor.path("datatype").asText().matches("FP16|BF16");
    }

    static InferTensorContents typed(JsonNode tensor) {
        TensorType type = TensorType.valueOf(tensor.path("datatype").asText());
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (JsonNode element : tensor.path("data")) {
            switch (type) {
                case BOOL -> contents.addBoolContents(element.asBoolean());
                case INT8, INT16, INT32 -> contents.addIntContents(element.asInt());
                case INT64 -> contents.addInt64Contents(element.asLong());
                case UINT8, UINT16, UINT32 -> contents.addUintContents((int) element.asLong());
                case UINT64 ->
                    contents.addUint64Contents(element.bigIntegerValue().longValue());
                case FP32 -> contents.addFp32Contents((float) floating(element));
                case FP64 -> contents.addFp64Contents(floating(element));
                case BYTES -> contents.addBytesContents(ByteString.copyFromUtf8(element.asText()));
                case FP16, BF16 -> throw new IllegalArgumentException("messages have no field for " + type);
            }
        }
        return contents.build();
    }

    /** A tensor with the data of a binary answer. */
    static ObjectNode json(String name, String datatype, Iterable<Long> shape, byte[] raw) {
        ObjectNode tensor = JsonClient.JSON.createObjectNode().put("name", name).put("datatype", datatype);
        ArrayNode sizes = tensor.putArray("shape");
        shape.forEach(sizes::add);
        ArrayNode data = tensor.putArray("data");
        ByteBuffer left = little(raw);
        TensorType type = TensorType.valueOf(datatype);
        while (left.hasRemaining()) {
            add(data, type, left);
        }
        return tensor;
    }

    private static void add(ArrayNode data, TensorType type, ByteBuffer left) {
        switch (type) {
            case BOOL -> data.add(left.get() != 0);
            case INT8 -> data.add(left.get());
            case UINT8 -> data.add(left.get() & 0xFF);
            case INT16 -> data.add(left.getShort());
            case UINT16 -> data.add(left.getShort() & 0xFFFF);
            case INT32 -> data.add(left.getInt());
            case UINT32 -> data.add(left.getInt() & 0xFFFF_FFFFL);
            case INT64 -> data.add(left.getLong());
            case UINT64 -> data.add(new BigInteger(Long.toUnsignedString(left.getLong())));
            case FP16, BF16 -> addFloating(data, ShortFloat.toFloat(type, left.getShort()));
            case FP32 -> {
                float value = left.getFloat();
                if (Float.isFinite(value)) {
                    data.add(value);
                } else {
                    addFloating(data, value);
                }
            }
            case FP64 -> addFloating(data, left.getDouble());
            case BYTES -> {
                byte[] text = new byte[left.getInt()];
                left.get(text);
                data.add(new String(text, StandardCharsets.UTF_8));
            }
        }
    }

    private static void addFloating(ArrayNode data, double value) {
        if (Double.isFinite(value)) {
            data.add(value);
        } else {
            data.add(Double.toString(value));
        }
    }
}
