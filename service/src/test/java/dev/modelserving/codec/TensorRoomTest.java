package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much memory a body takes for its tensors, read in the short way and in the long way. */
class TensorRoomTest {
    private static final int INPUTS = 10;
    private static final int ELEMENTS = 5000;
    private static final long NEEDED = (long) INPUTS * ELEMENTS * Double.BYTES;

    /** The second one is not plain. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"inputs\":{%s}}", "{\"more\":null,\"inputs\":{%s}}"})
    void takesLittleMoreThanManyInputsNeed(String form) {
        String row = "[" + "0,".repeat(ELEMENTS - 1) + "0]";
        String body = IntStream.range(0, INPUTS)
                .mapToObj(input -> "\"x" + input + "\":" + row)
                .collect(Collectors.joining(","));
        HeldMemory memory = new HeldMemory();
        PredictRequest request = PredictRequestReader.read(body(form.formatted(body)), vectors(INPUTS), memory);
        assertThat(request.inference().inputs()).hasSize(INPUTS);
        assertThat(memory.bytes()).isGreaterThanOrEqualTo(NEEDED);
        assertThat(memory.mostBytes()).isLessThan(2 * NEEDED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"inputs\":{\"x0\":[1,2],\"x1\":[1,x]}}",
                "{\"inputs\":{\"x0\":[1,2],\"x0\":[1,2]}}",
                "{\"inputs\":[{\"name\":\"x0\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[1,2,3]}]}",
                "{\"inputs\":{\"x0\":[1,2],\"x1\":[1]},\"more\":null}"
            })
    void givesTheMemoryBackOfWhatIsNotPlain(String body) {
        HeldMemory memory = new HeldMemory();
        long before = memory.allocate(1).capacity();
        assertThat(PlainRequestReader.read(body(body), vectors(2), memory)).isEmpty();
        assertThat(memory.mostBytes()).isGreaterThan(before);
        assertThat(memory.bytes()).isEqualTo(before);
    }

    @Test
    void takesNothingForAShapeThatTheBodyCannotFill() {
        HeldMemory memory = new HeldMemory();
        String body = "{\"inputs\":[{\"name\":\"x0\",\"shape\":[60],\"datatype\":\"FP64\",\"data\":[1,2,3]}]}";
        assertThat(PlainRequestReader.read(body(body), vectors(1), memory)).isEmpty();
        assertThat(memory.mostBytes()).isZero();
    }

    @Test
    void takesNoMoreForALongBodyUntilItComes() {
        HeldMemory memory = new HeldMemory();
        RequestBody body = saidToBe(1 << 30, "{\"inputs\":{\"x0\":[1,2,}");
        assertThat(PlainRequestReader.read(body, vectors(1), memory)).isEmpty();
        InferenceException e = catchThrowableOfType(
                InferenceException.class, () -> PredictRequestReader.read(body, vectors(1), memory));
        assertThat(e.kind()).isEqualTo(Kind.INVALID_INPUT);
        assertThat(memory.mostBytes()).isLessThan(10_000);
    }

    @Test
    void refusesATensorThatNoBufferHolds() {
        HeldMemory memory = new HeldMemory();
        String tensor = "{\"name\":\"x0\",\"shape\":[300000000],\"datatype\":\"FP64\",\"data\":[1]}";
        for (String form : List.of("{\"inputs\":[%s]}", "{\"more\":null,\"inputs\":[%s]}")) {
            RequestBody body = saidToBe(1 << 30, form.formatted(tensor));
            InferenceException e = catchThrowableOfType(
                    InferenceException.class, () -> PredictRequestReader.read(body, vectors(1), memory));
            assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE);
            assertThat(e).hasMessage("body has a tensor of more bytes (expected: at most 2147483647 bytes)");
        }
    }

    private static ModelSignature vectors(int count) {
        return new ModelSignature(
                IntStream.range(0, count)
                        .mapToObj(index -> new TensorSpec("x" + index, TensorType.FP64, Shape.of(-1)))
                        .toList(),
                List.of());
    }

    private static RequestBody body(String text) {
        return RequestBody.of(text.getBytes(UTF_8));
    }

    /** Of that length, as far as anybody asks; what stands behind the text is no JSON. */
    private static RequestBody saidToBe(int length, String text) {
        byte[] bytes = new byte[64 << 10];
        byte[] begin = text.getBytes(UTF_8);
        System.arraycopy(begin, 0, bytes, 0, begin.length);
        RequestBody whole = RequestBody.of(bytes);
        return new RequestBody() {
            @Override
            public int length() {
                return length;
            }

            @Override
            public InputStream open(int offset) throws IOException {
                return whole.open(offset);
            }

            @Override
            public void copy(int offset, byte[] target, int at, int count) {
                whole.copy(offset, target, at, count);
            }
        };
    }
}
