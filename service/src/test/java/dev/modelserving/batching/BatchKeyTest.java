package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchKeyTest {
    private static final InferenceRequest ONE = Requests.rows(1, 1);
    private static final Tensor X = tensor(ONE);

    private static Tensor tensor(InferenceRequest request) {
        return request.inputs().values().iterator().next();
    }

    @Test
    void isTheSameForAnyNumberOfRowsAndAnyValues() {
        assertSame(ONE, Requests.rows(7, 3));
    }

    @Test
    void isTheSameWhateverOrderTheInputsCameIn() {
        Map<String, Tensor> oneWay = new HashMap<>();
        Map<String, Tensor> otherWay = new HashMap<>();
        for (int index = 0; index < 9; index++) {
            oneWay.put("input" + index, X);
            otherWay.put("input" + (8 - index), X);
        }
        assertSame(new InferenceRequest(oneWay, List.of()), new InferenceRequest(otherWay, List.of()));
    }

    @Test
    void isAnotherForAnotherName() {
        assertDiffer(ONE, Requests.of("z", X));
    }

    @Test
    void isAnotherForMoreInputs() {
        assertDiffer(ONE, new InferenceRequest(Map.of("x", X, "z", X), List.of()));
    }

    @Test
    void isAnotherForAnotherDatatype() {
        ByteBuffer data = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        assertDiffer(ONE, Requests.of("x", new Tensor.Numbers(TensorType.INT32, Shape.of(1, 2), data)));
    }

    @Test
    void isAnotherForOtherInnerDimensions() {
        assertDiffer(ONE, Requests.of("x", Requests.floats(Shape.of(1, 3), 1, 2, 3)));
        assertDiffer(ONE, Requests.of("x", Requests.floats(Shape.of(1, 2, 1), 1, 2)));
        assertDiffer(ONE, Requests.of("x", Requests.floats(Shape.of(2), 1, 2)));
    }

    @Test
    void isAnotherForAScalarThanForAVector() {
        assertDiffer(
                Requests.of("x", Requests.floats(Shape.of(), 1)), Requests.of("x", Requests.floats(Shape.of(1), 1)));
    }

    @Test
    void isAnotherForOtherOutputs() {
        assertDiffer(ONE, new InferenceRequest(ONE.inputs(), List.of("y")));
        assertDiffer(
                new InferenceRequest(ONE.inputs(), List.of("y", "z")),
                new InferenceRequest(ONE.inputs(), List.of("z", "y")));
    }

    private static void assertSame(InferenceRequest one, InferenceRequest other) {
        assertThat(BatchKey.of(one)).isEqualTo(BatchKey.of(other)).hasSameHashCodeAs(BatchKey.of(other));
        assertThat(BatchKey.of(one).matches(other)).isTrue();
    }

    private static void assertDiffer(InferenceRequest one, InferenceRequest other) {
        assertThat(BatchKey.of(one)).isNotEqualTo(BatchKey.of(other));
        assertThat(BatchKey.of(one).matches(other)).isFalse();
        assertThat(BatchKey.of(other).matches(one)).isFalse();
    }
}
