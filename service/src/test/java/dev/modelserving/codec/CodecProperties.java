package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * What holds for every request that can be generated: written and read again it is the same, to the bit; changed in any
 * way it is refused or still fits the signature; and reading it takes no more memory than its length allows.
 */
final class CodecProperties {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MOST_CHANGES = 4;
    private static final int FIXED_BYTES = 1 << 20;
    private static final int BYTES_FOR_EACH = 64;

    private static final String[] TOKENS = {
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "null",
        "true",
        "-",
        "1e999",
        "9".repeat(40),
        "\"NaN\"",
        "\"",
        "\\ud800",
        "\u0000",
        "[[[[",
        "1e-7"
    };

    private CodecProperties() {}

    static void check(FuzzedDataProvider data) {
        TensorType type = data.pickValue(TensorType.values());
        BodyForm form = data.pickValue(BodyForm.values());
        int rank = form == BodyForm.ROWS ? data.consumeInt(1, 4) : data.consumeInt(0, 4);
        long[] dimensions = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            dimensions[axis] = data.consumeInt(0, 3);
        }
        Tensor tensor = tensor(data, type, Shape.of(dimensions));
        ModelSignature signature = signature(type, rank);
        byte[] body = write(form, tensor);
        PredictRequest request = PredictRequestReader.read(RequestBody.of(body), signature);
        assertThat(request.form()).isEqualTo(form);
        assertSame(tensor, Objects.requireNonNull(request.inference().inputs().get("x")));
        checkPlain(body, signature);
        byte[] changed = change(data, body);
        checkPlain(changed, signature);
        checkChanged(changed, signature);
        checkBinary(data, tensor, signature);
        checkMessage(data, tensor, signature);
    }

    /** The same of a body whose data lies behind the JSON. */
    private static void checkBinary(FuzzedDataProvider data, Tensor tensor, ModelSignature signature) {
        byte[] behind = BinaryBodies.data(tensor);
        String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":" + tensor.shape() + ",\"datatype\":\"" + tensor.type()
                + "\",\"parameters\":{\"binary_data_size\":" + behind.length + "}}]}";
        byte[] body = BinaryBodies.body(json, behind);
        assertSame(
                tensor,
                Objects.requireNonNull(readInfer(body, json.length(), signature)
                        .inference()
                        .inputs()
                        .get("x")));
        byte[] changed = change(data, body);
        int jsonLength = data.consumeInt(0, changed.length);
        checkAllocation(
                changed, () -> readInfer(changed, Math.min(json.length(), changed.length), signature), signature);
        checkAllocation(changed, () -> readInfer(changed, jsonLength, signature), signature);
    }

    /** The same of a message, which the library for protocol buffers has written. */
    private static void checkMessage(FuzzedDataProvider data, Tensor tensor, ModelSignature signature) {
        List<byte[]> bodies = new ArrayList<>();
        bodies.add(InferMessages.raw("x", tensor).toByteArray());
        if (InferMessages.canBeTyped(tensor)) {
            bodies.add(InferMessages.typed("x", tensor).toByteArray());
        }
        for (byte[] body : bodies) {
            assertThat(InferMessage.of(RequestBody.of(body)).modelName()).isEqualTo("m");
            assertSame(
                    tensor,
                    Objects.requireNonNull(
                            readMessage(body, signature).inference().inputs().get("x")));
            byte[] changed = change(data, body);
            checkAllocation(
                    changed,
                    () -> {
                        InferMessage.of(RequestBody.of(changed));
                        return readMessage(changed, signature);
                    },
                    signature);
        }
    }

    private static PredictRequest readMessage(byte[] body, ModelSignature signature) {
        return InferMessageReader.read(RequestBody.of(body), signature, TensorMemory.collected());
    }

    private static PredictRequest readInfer(byte[] body, int jsonLength, ModelSignature signature) {
        return PredictRequestReader.readInfer(
                InferBody.of(RequestBody.of(body), OptionalInt.of(jsonLength)), signature, TensorMemory.collected());
    }

    /** What the short way reads, the long way reads as the same; how a body is cut into pieces makes no difference. */
    static boolean checkPlain(byte[] body, ModelSignature signature) {
        Optional<PredictRequest> read =
                PlainRequestReader.read(RequestBody.of(body), signature, TensorMemory.collected());
        read.ifPresent(plain -> {
            PredictRequest whole = PredictRequestReader.read(RequestBody.of(body), signature);
            assertThat(plain.form()).isEqualTo(whole.form());
            assertThat(plain.rows()).isEqualTo(whole.rows());
            assertThat(plain.id()).isEqualTo(whole.id());
            assertThat(plain.inference().outputs()).isEqualTo(whole.inference().outputs());
            assertThat(plain.inference().inputs().keySet())
                    .isEqualTo(whole.inference().inputs().keySet());
            whole.inference()
                    .inputs()
                    .forEach((name, tensor) -> assertSame(
                            tensor,
                            Objects.requireNonNull(plain.inference().inputs().get(name))));
        });
        return read.isPresent();
    }

    /** The least of a few times, because whatever is used for the first time loads classes. */
    private static void checkChanged(byte[] body, ModelSignature signature) {
        checkAllocation(body, () -> PredictRequestReader.read(RequestBody.of(body), signature), signature);
    }

    private static void checkAllocation(byte[] body, Supplier<PredictRequest> read, ModelSignature signature) {
        long limit = FIXED_BYTES + (long) BYTES_FOR_EACH * body.length;
        long least = Long.MAX_VALUE;
        for (int time = 0; time < 5 && least > limit; time++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            readChanged(read, signature);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as(new String(body, UTF_8)).isLessThanOrEqualTo(limit);
    }

    private static void readChanged(Supplier<PredictRequest> read, ModelSignature signature) {
        try {
            PredictRequest request = read.get();
            Tensor tensor = Objects.requireNonNull(request.inference().inputs().get("x"));
            if (!signature.inputs().get(0).shape().accepts(tensor.shape())) {
                throw new AssertionError(tensor.shape());
            }
        } catch (InferenceException e) {
            if (e.kind() != Kind.INVALID_INPUT || e.problems().isEmpty()) {
                throw e;
            }
        }
    }

    private static ModelSignature signature(TensorType type, int rank) {
        long[] dynamic = new long[rank];
        Arrays.fill(dynamic, Shape.DYNAMIC);
        return new ModelSignature(List.of(new TensorSpec("x", type, Shape.of(dynamic))), List.of());
    }

    private static Tensor tensor(FuzzedDataProvider data, TensorType type, Shape shape) {
        int count = (int) shape.elementCount();
        if (type == TensorType.BYTES) {
            List<String> elements = new ArrayList<>();
            for (int index = 0; index < count; index++) {
                // Halves of surrogate pairs are no text; UTF-8 has no way to write them.
                elements.add(new String(data.consumeString(8).getBytes(UTF_8), UTF_8));
            }
            return new Tensor.Strings(shape, elements);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(count * type.byteSize()).order(ByteOrder.nativeOrder());
        for (int index = 0; index < count; index++) {
            put(buffer, type, data.consumeLong());
        }
        return new Tensor.Numbers(type, shape, buffer.flip());
    }

    /** All bit patterns, but of NaN only the one that JSON's string stands for. */
    private static void put(ByteBuffer buffer, TensorType type, long bits) {
        switch (type) {
            case BOOL -> buffer.put((byte) (bits & 1));
            case INT8, UINT8 -> buffer.put((byte) bits);
            case INT16, UINT16 -> buffer.putShort((short) bits);
            case INT32, UINT32 -> buffer.putInt((int) bits);
            case INT64, UINT64 -> buffer.putLong(bits);
            case FP16, BF16 -> buffer.putShort(ShortFloat.round(type, ShortFloat.toFloat(type, (short) bits)));
            case FP32 -> {
                float value = Float.intBitsToFloat((int) bits);
                buffer.putFloat(Float.isNaN(value) ? Float.NaN : value);
            }
            case FP64 -> {
                double value = Double.longBitsToDouble(bits);
                buffer.putDouble(Double.isNaN(value) ? Double.NaN : value);
            }
            case BYTES -> throw new IllegalStateException();
        }
    }

    private static byte[] write(BodyForm form, Tensor tensor) {
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(body);
        ElementWriter elements = new ElementWriter(json);
        switch (form) {
            case OIP -> {
                String head = "{'inputs':[{'name':'x','datatype':'%s','shape':%s,'data':";
                json.put(JsonBytes.literal(head.formatted(tensor.type(), tensor.shape())));
                elements.writeFlat(tensor);
                json.put(JsonBytes.literal("}]}"));
            }
            case ROWS -> {
                json.put(JsonBytes.literal("{'instances':["));
                for (int row = 0; row < tensor.shape().dimension(0); row++) {
                    json.put(JsonBytes.literal(row == 0 ? "" : ","));
                    elements.writeRow(tensor, row);
                }
                json.put(JsonBytes.literal("]}"));
            }
            case COLUMNS -> {
                json.put(JsonBytes.literal("{'inputs':{'x':"));
                elements.writeNested(tensor);
                json.put(JsonBytes.literal("}}"));
            }
        }
        json.finish();
        return body.toArray();
    }

    private static byte[] change(FuzzedDataProvider data, byte[] body) {
        byte[] changed = body;
        int changes = data.consumeInt(1, MOST_CHANGES);
        for (int change = 0; change < changes; change++) {
            int at = data.consumeInt(0, changed.length);
            int length = Math.min(data.consumeInt(0, 8), changed.length - at);
            byte[] between = switch (data.consumeInt(0, 3)) {
                case 0 -> new byte[0];
                case 1 -> data.consumeBytes(8);
                case 2 -> data.pickValue(TOKENS).getBytes(UTF_8);
                default -> Arrays.copyOf(changed, Math.min(changed.length, 16));
            };
            ByteBuffer next = ByteBuffer.allocate(changed.length - length + between.length);
            next.put(changed, 0, at).put(between).put(changed, at + length, changed.length - at - length);
            changed = next.array();
        }
        return changed;
    }

    /** Without an element only the shape tells, and of a nested array only as far as it goes. */
    private static void assertSame(Tensor wanted, Tensor got) {
        assertThat(got.type()).isEqualTo(wanted.type());
        if (wanted.shape().elementCount() > 0) {
            assertThat(got.shape()).isEqualTo(wanted.shape());
        }
        if (wanted instanceof Tensor.Numbers numbers) {
            assertThat(((Tensor.Numbers) got).data()).isEqualTo(numbers.data());
        } else {
            assertThat(((Tensor.Strings) got).elements()).isEqualTo(((Tensor.Strings) wanted).elements());
        }
    }
}
