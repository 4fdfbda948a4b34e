package dev.modelserving.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import inference.ModelInferResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InferMessageTest {
    private static final ModelSignature FLOATS = Signatures.one(TensorType.FP32, -1, 2);
    private static final InferTensorContents TWO = InferTensorContents.newBuilder()
            .addFp32Contents(1.5f)
            .addFp32Contents(-2)
            .build();

    @Test
    void readsWhichModelAndHowLong() {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName("iris")
                .setModelVersion("2")
                .putParameters(
                        "priority",
                        InferParameter.newBuilder().setBoolParam(true).build())
                .putParameters(
                        "timeout",
                        InferParameter.newBuilder().setInt64Param(1_500).build())
                .build();
        assertThat(InferMessage.of(body(request)))
                .isEqualTo(new InferMessage("iris", "2", Optional.of(Duration.ofNanos(1_500_000))));
    }

    @Test
    void knowsNoTimeoutOfZero() {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .putParameters(
                        "timeout", InferParameter.newBuilder().setUint64Param(0).build())
                .build();
        assertThat(InferMessage.of(body(request)).timeout()).isEmpty();
    }

    @Test
    void readsElementsOneByOneAsWellAsPacked() {
        UnknownFieldSet apart = UnknownFieldSet.newBuilder()
                .addField(
                        6,
                        UnknownFieldSet.Field.newBuilder()
                                .addFixed32(Float.floatToIntBits(1.5f))
                                .addFixed32(Float.floatToIntBits(-2))
                                .build())
                .build();
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .setContents(InferTensorContents.newBuilder().setUnknownFields(apart))
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                3,
                                UnknownFieldSet.Field.newBuilder()
                                        .addVarint(1)
                                        .addVarint(2)
                                        .build())
                        .build())
                .build();
        assertThat(floats(read(ModelInferRequest.newBuilder().addInputs(input).build())))
                .containsExactly(1.5f, -2f);
    }

    @Test
    void readsAMessageInPartsAsOne() throws Exception {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.write(head(1, 2).build().toByteArray());
        for (float value : new float[] {1.5f, -2}) {
            input.write(InferInputTensor.newBuilder()
                    .setContents(InferTensorContents.newBuilder().addFp32Contents(value))
                    .build()
                    .toByteArray());
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        CodedOutputStream target = CodedOutputStream.newInstance(request);
        target.writeByteArray(5, input.toByteArray());
        target.flush();
        assertThat(floats(InferMessageReader.read(
                        RequestBody.of(request.toByteArray()), FLOATS, TensorMemory.collected())))
                .containsExactly(1.5f, -2f);
    }

    @Test
    void takesTheOutputsInTheirOrder() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .addInputs(head(1, 2).setContents(TWO))
                .addInputs(InferInputTensor.newBuilder()
                        .setName("s")
                        .setDatatype("BYTES")
                        .addAllShape(List.of(1L, 1L))
                        .setContents(
                                InferTensorContents.newBuilder().addBytesContents(ByteString.copyFromUtf8("é😀"))));
        for (String name : List.of("z", "y")) {
            request.addOutputs(InferRequestedOutputTensor.newBuilder().setName(name));
        }
        PredictRequest read =
                InferMessageReader.read(body(request.build()), Signatures.TWO_INPUTS, TensorMemory.collected());
        assertThat(read.inference().outputs()).containsExactly("z", "y");
        assertThat(((Tensor.Strings)
                                Objects.requireNonNull(read.inference().inputs().get("s")))
                        .elements())
                .containsExactly("é😀");
    }

    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            names = {"FP16", "BF16"})
    void takesHalvesRawOnly(TensorType type) {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype(type.name())
                        .addShape(2)
                        .setContents(TWO))
                .build();
        assertThat(problems(request, Signatures.one(type, -1)))
                .extracting(Problem::expected)
                .containsExactly("raw_input_contents");
    }

    @ParameterizedTest
    @CsvSource({
        "INT8,128",
        "INT8,-129",
        "INT16,32768",
        "UINT8,256",
        "UINT8,-1",
        "UINT16,65536",
    })
    void refusesWhatIsOutOfRange(TensorType type, int value) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        if (type.name().startsWith("U")) {
            contents.addUintContents(value);
        } else {
            contents.addIntContents(value);
        }
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype(type.name())
                        .addShape(1)
                        .setContents(contents))
                .build();
        assertThat(problems(request, Signatures.one(type, -1)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.problem()).endsWith("_contents[0] is"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no inputs | input 'x': is missing (expected: FP32 [-1, 2])",
                "no name | input 'inputs[0]': name is missing (expected: one of x)",
                "unknown name | input 'a': is not known: 'a' (expected: one of x)",
                "no datatype | input 'x': datatype is missing (expected: FP32)",
                "other datatype | input 'x': datatype 'INT64' (expected: FP32)",
                "other shape | input 'x': shape [2] (expected: [-1, 2])",
                "negative shape | input 'inputs[0].shape[0]': is -1 (expected: a whole number from 0, at most 32 of them)",
                "twice | input 'x': is given again at inputs[1] (expected: each tensor once)",
                "too few | input 'x': fp32_contents has 2 elements (expected: 4 elements, as shape [2, 2] says)",
                "too many | input 'x': fp32_contents has 2 elements (expected: 0 elements, as shape [0, 2] says)",
                "a huge shape | input 'x': fp32_contents has 2 elements (expected: 9223372036854775807 elements, as shape [9223372036854775807, 2] says)",
                "other field | input 'x': of datatype FP32 is in int_contents (expected: fp32_contents)",
                "raw and typed | input 'x': has both (expected: either contents or raw_input_contents)",
                "too much raw | input 'raw_input_contents': has 2 (expected: one element for each of 1 inputs, or none)",
                "short raw | input 'x': raw_input_contents[0] has 3 bytes (expected: 8 bytes (FP32 [1, 2], 4 bytes each))",
                "unknown output | input 'outputs[0]': name is 'q' (expected: one of [])"
            })
    void saysWhatIsWrong(String fault, String message) {
        assertThat(problems(faulty(fault), FLOATS))
                .extracting(Problem::toString)
                .contains(message);
    }

    private static ModelInferRequest faulty(String fault) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
        InferInputTensor.Builder right = head(1, 2).setContents(TWO);
        InferTensorContents ints = InferTensorContents.newBuilder()
                .addIntContents(1)
                .addIntContents(2)
                .build();
        switch (fault) {
            case "no inputs" -> request.setId("a");
            case "no name" -> request.addInputs(right.setName(""));
            case "unknown name" -> request.addInputs(right.setName("a"));
            case "no datatype" -> request.addInputs(right.setDatatype(""));
            case "other datatype" -> request.addInputs(right.setDatatype("INT64"));
            case "other shape" -> request.addInputs(head(2).setContents(TWO));
            case "negative shape" -> request.addInputs(head(-1, 2).setContents(TWO));
            case "twice" -> request.addInputs(right).addInputs(right);
            case "too few" -> request.addInputs(head(2, 2).setContents(TWO));
            case "too many" -> request.addInputs(head(0, 2).setContents(TWO));
            case "a huge shape" -> request.addInputs(head(Long.MAX_VALUE, 2).setContents(TWO));
            case "other field" -> request.addInputs(right.setContents(ints));
            case "raw and typed" -> request.addInputs(right).addRawInputContents(bytes(8));
            case "too much raw" ->
                request.addInputs(head(1, 2)).addRawInputContents(bytes(8)).addRawInputContents(bytes(8));
            case "short raw" -> request.addInputs(head(1, 2)).addRawInputContents(bytes(3));
            case "unknown output" ->
                request.addInputs(right)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("q"));
            default -> throw new IllegalArgumentException(fault);
        }
        return request.build();
    }

    @Test
    void refusesWhatIsNoMessage() {
        byte[] right = ModelInferRequest.newBuilder()
                .setModelName("iris")
                .addInputs(head(1, 2).setContents(TWO))
                .build()
                .toByteArray();
        for (int length = 1; length < right.length; length++) {
            byte[] cut = Arrays.copyOf(right, length);
            if (length != 6) { // the name alone is a message
                assertThat(catchThrowableOfType(InferenceException.class, () -> InferMessage.of(RequestBody.of(cut))))
                        .as("%d bytes", length)
                        .hasMessageContaining("body is no message");
            }
        }
        for (byte[] wrong : List.of(
                new byte[] {0}, new byte[] {0x0B}, new byte[] {0x08, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1})) {
            assertThat(catchThrowableOfType(InferenceException.class, () -> InferMessage.of(RequestBody.of(wrong))))
                    .hasMessageContaining("body is no message");
        }
    }

    @Test
    void writesWhatTheLibraryReads() throws Exception {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put(
                "y",
                new Tensor.Numbers(
                        TensorType.FP32,
                        Shape.of(2, 1),
                        direct(8, data -> data.putFloat(1).putFloat(2))));
        outputs.put("scalar", new Tensor.Numbers(TensorType.INT64, Shape.of(), direct(8, data -> data.putLong(-1))));
        outputs.put("none", new Tensor.Numbers(TensorType.INT8, Shape.of(0, 3), direct(0, data -> {})));
        outputs.put("text", new Tensor.Strings(Shape.of(1), List.of("é")));
        outputs.put(
                "large",
                new Tensor.Numbers(
                        TensorType.UINT8, Shape.of(100_000), direct(100_000, data -> data.put(99_999, (byte) 7))));
        PredictRequest asked = read(ModelInferRequest.newBuilder()
                .setId("r-1")
                .addInputs(head(1, 2).setContents(TWO))
                .build());
        InferMessageWriter writer =
                InferMessageWriter.of(ModelRef.of("iris", 2), asked, new InferenceResponse(outputs));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writer.writeTo(bytes);
        assertThat(bytes.size()).isEqualTo(writer.size());
        ModelInferResponse answer = ModelInferResponse.parseFrom(bytes.toByteArray());
        assertThat(answer.getModelName() + answer.getModelVersion() + answer.getId())
                .isEqualTo("iris2r-1");
        assertThat(answer.getOutputsList())
                .extracting(output -> output.getName() + output.getDatatype() + output.getShapeList())
                .containsExactly(
                        "yFP32[2, 1]", "scalarINT64[]", "noneINT8[0, 3]", "textBYTES[1]", "largeUINT8[100000]");
        assertThat(answer.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat(4))
                .isEqualTo(2);
        assertThat(answer.getRawOutputContents(1).toByteArray()).hasSize(8).containsOnly(-1);
        assertThat(answer.getRawOutputContents(2).size()).isZero();
        assertThat(answer.getRawOutputContents(3).toByteArray()).startsWith(2, 0, 0, 0);
        assertThat(answer.getRawOutputContents(4).byteAt(99_999)).isEqualTo((byte) 7);
    }

    private static ByteBuffer direct(int size, Consumer<ByteBuffer> fill) {
        ByteBuffer data = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        fill.accept(data);
        return data.clear();
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private static InferInputTensor.Builder head(long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName("x").setDatatype("FP32");
        Arrays.stream(shape).forEach(input::addShape);
        return input;
    }

    private static RequestBody body(ModelInferRequest request) {
        return RequestBody.of(request.toByteArray());
    }

    private static PredictRequest read(ModelInferRequest request) {
        return InferMessageReader.read(body(request), FLOATS, TensorMemory.collected());
    }

    private static float[] floats(PredictRequest read) {
        ByteBuffer data = ((Tensor.Numbers)
                        Objects.requireNonNull(read.inference().inputs().get("x")))
                .data();
        return new float[] {data.getFloat(0), data.getFloat(4)};
    }

    private static List<Problem> problems(ModelInferRequest request, ModelSignature signature) {
        InferenceException failure = catchThrowableOfType(
                InferenceException.class,
                () -> InferMessageReader.read(body(request), signature, TensorMemory.collected()));
        assertThat(failure).isNotNull();
        return failure.problems();
    }
}
