package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import org.junit.jupiter.api.Test;

class BatchCostsTest {
    private final BatchCosts costs = new BatchCosts(64);

    private static InferenceRequest wide(int width) {
        return Requests.of("x", Requests.floats(Shape.of(1, width), new float[width]));
    }

    @Test
    void areUnknownAtFirst() {
        assertThat(costs.nanos(wide(3))).isZero();
    }

    @Test
    void areLearnedForEachInnerShape() {
        costs.of(BatchKey.of(wide(3))).ranAlone(1, 300);
        costs.of(BatchKey.of(wide(4))).ranAlone(1, 400);
        assertThat(costs.nanos(wide(3))).isEqualTo(300);
        assertThat(costs.nanos(wide(4))).isEqualTo(400);
    }

    @Test
    void areForgottenOfShapesThatNobodyAsksForWhileManyCome() {
        costs.of(BatchKey.of(wide(1))).ranAlone(1, 100);
        costs.of(BatchKey.of(wide(2))).ranAlone(1, 200);
        for (int width = 3; width < 1000; width++) {
            costs.of(BatchKey.of(wide(width)));
            assertThat(costs.nanos(wide(1))).isEqualTo(100);
        }
        assertThat(costs.nanos(wide(2))).isZero();
    }

    @Test
    void needARowAtLeast() {
        assertThatThrownBy(() -> new BatchCosts(0)).hasMessage("maxRows 0 (expected: 1 or more)");
    }
}
