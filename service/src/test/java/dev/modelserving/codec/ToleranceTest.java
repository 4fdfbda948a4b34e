package dev.modelserving.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToleranceTest {
    private static final Tolerance TENTH = new Tolerance(0.1, 0);

    @Test
    void tellsHowFarTheFarthestNumberIsOff() {
        assertThat(TENTH.excess(floats(1, 2, 3), floats(1.05f, 2, 3))).isEmpty();
        assertThat(TENTH.excess(floats(1, 2, 3), floats(1.5f, 2.05f, 1))).hasValue(2);
        assertThat(new Tolerance(0, 0.5).excess(floats(4), floats(6))).isEmpty();
        assertThat(TENTH.forValuesTimes(10).excess(floats(1), floats(1.9f))).isEmpty();
    }

    @Test
    void holdsThatNotANumberIsLikeItselfAndLikeNothingElse() {
        assertThat(TENTH.excess(floats(Float.NaN), floats(Float.NaN))).isEmpty();
        assertThat(TENTH.excess(floats(1), floats(Float.NaN))).hasValue(Double.POSITIVE_INFINITY);
        assertThat(TENTH.excess(floats(Float.NaN), floats(1))).hasValue(Double.POSITIVE_INFINITY);
        assertThat(TENTH.excess(floats(Float.POSITIVE_INFINITY), floats(1))).hasValue(Double.POSITIVE_INFINITY);
    }

    @Test
    void allowsNoDifferenceOfOtherTypesAndShapes() {
        Tensor text = new Tensor.Strings(Shape.of(1), List.of("a"));
        assertThat(TENTH.excess(text, new Tensor.Strings(Shape.of(1), List.of("a"))))
                .isEmpty();
        assertThat(TENTH.excess(text, new Tensor.Strings(Shape.of(1), List.of("b"))))
                .isPresent();
        assertThat(TENTH.excess(text, floats(1))).isPresent();
        assertThat(TENTH.excess(floats(1, 1), floats(1))).isPresent();
        assertThat(new Tolerance(100, 100).excess(ints(1), ints(2))).hasValue(1);
    }

    private static Tensor floats(float... values) {
        ByteBuffer data = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor.Numbers(TensorType.FP32, Shape.of(values.length), data.flip());
    }

    private static Tensor ints(int value) {
        ByteBuffer data =
                ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putInt(0, value);
        return new Tensor.Numbers(TensorType.INT32, Shape.of(1), data);
    }
}
