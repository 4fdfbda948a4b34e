package dev.modelserving.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ShortFloatTest {
    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            names = {"FP16", "BF16"})
    void givesEveryNumberBack(TensorType type) {
        for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
            float value = ShortFloat.toFloat(type, (short) bits);
            if (!Float.isNaN(value)) {
                assertThat(ShortFloat.round(type, value)).isEqualTo((short) bits);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FP16, 65504, 65504",
        "FP16, 65519.99, 65504",
        "FP16, 65520, Infinity",
        "FP16, 1e300, Infinity",
        "FP16, 5.960464477539063e-8, 5.9604645e-8",
        "FP16, 2.98023223876953125e-8, 0",
        "FP16, 2.980232238769532e-8, 5.9604645e-8",
        "FP16, 1.00048828125, 1",
        "FP16, 1.00146484375, 1.0019531",
        "FP16, 2047.9999, 2048",
        "BF16, 3.3895313892515355e38, 3.3895314e38",
        "BF16, 3.4e38, Infinity",
        "BF16, 9.183549615799121e-41, 9.1835e-41",
        "BF16, 1.00390625, 1",
        "BF16, 1.01171875, 1.015625"
    })
    void roundsToTheNearestAndTiesToEven(TensorType type, double value, float expected) {
        assertThat(ShortFloat.toFloat(type, ShortFloat.round(type, value))).isEqualTo(expected);
        assertThat(ShortFloat.toFloat(type, ShortFloat.round(type, -value))).isEqualTo(-expected);
    }

    @Test
    void knowsWhatLiesInTheMiddle() {
        assertThat(ShortFloat.isTie(TensorType.FP16, 1.00048828125)).isTrue();
        assertThat(ShortFloat.isTie(TensorType.FP16, 1.000488281250001)).isFalse();
        assertThat(ShortFloat.isTie(TensorType.FP16, 0)).isFalse();
        assertThat(ShortFloat.isTie(TensorType.FP16, Double.POSITIVE_INFINITY)).isFalse();
    }

    @Test
    void keepsWhatIsNoNumber() {
        assertThat(ShortFloat.toFloat(TensorType.FP16, ShortFloat.round(TensorType.FP16, Double.NaN)))
                .isNaN();
        assertThat(ShortFloat.toFloat(TensorType.BF16, ShortFloat.round(TensorType.BF16, -1 / 0.0)))
                .isEqualTo(Float.NEGATIVE_INFINITY);
    }
}
