package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesReaderTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1))),
            List.of(
                    new TensorSpec("y", TensorType.FP32, Shape.of(1)),
                    new TensorSpec("s", TensorType.BYTES, Shape.of(-1))));
    private static final String TWO = """
            {"examples":[{"name":"two","request":{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]},
             "response":{"outputs":[{"name":"y","shape":[2],"datatype":"FP32","data":[10,100]}]},
             "tolerance":{"absolute":0.5,"relative":0.01}}]}""";

    @Test
    void readsWhatMustComeBackWhateverShapeIsDeclared() {
        Example example = read(TWO).get(0);
        assertThat(example.name()).isEqualTo("two");
        assertThat(example.outputs().get("y").shape()).isEqualTo(Shape.of(2));
        assertThat(example.tolerance()).isEqualTo(new Tolerance(0.5, 0.01));
    }

    @Test
    void allowsWhatIsWithinTheTolerance() {
        Example example = read(TWO).get(0);
        assertThat(example.mismatch(response(10.5f, 101.5f))).isEmpty();
        assertThat(example.mismatch(response(10.5f, 101.6f)))
                .contains("example 'two': output 'y' has 101.6 at 1 (expected: 100.0)");
        assertThat(example.mismatch(response(Float.NaN, 100f))).isPresent();
        assertThat(example.mismatch(response(10f))).isPresent();
        assertThat(example.mismatch(new InferenceResponse(Map.of()))).contains("example 'two': output 'y' is missing");
    }

    @Test
    void wantsStringsToBeEqual() {
        Tensor one = new Tensor.Strings(Shape.of(1), List.of("a"));
        Tensor other = new Tensor.Strings(Shape.of(1), List.of("b"));
        assertThat(Tolerance.DEFAULT.difference(one, one)).isEmpty();
        assertThat(Tolerance.DEFAULT.difference(one, other)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"examples\":[]}",
                "{\"examples\":[{}]}",
                "{\"examples\":[7]}",
                "{\"examples\":[{\"request\":{\"inputs\":[{\"name\":\"q\"}]},\"response\":{\"outputs\":[]}}]}"
            })
    void saysWhatIsWrongWithTheFile(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("expected");
    }

    private static List<Example> read(String text) {
        return ExamplesReader.read(text.getBytes(UTF_8), SIGNATURE);
    }

    private static InferenceResponse response(float... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * 4).order(ByteOrder.nativeOrder());
        for (float value : values) {
            data.putFloat(value);
        }
        return new InferenceResponse(
                Map.of("y", new Tensor.Numbers(TensorType.FP32, Shape.of(values.length), data.flip())));
    }
}
