package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import dev.modelserving.verification.Variations.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VariationsTest {
    private static final List<InferenceRequest> ROWS =
            List.of(row(3, "red", 0.5f), row(7, "green", -1.5f), row(9, "blue", 4));

    @Test
    void takesIntegersAndStringsFromTheExamplesAlone() {
        Variations variations = variations(ROWS);
        Set<Object> codes = new HashSet<>();
        Set<Object> mixtures = new HashSet<>();
        for (int count = 0; count < 200; count++) {
            InferenceRequest row = variations.next(Kind.NEAR);
            codes.add(code(row));
            codes.add(word(row));
            mixtures.add(code(row) + word(row));
        }
        assertThat(codes).containsExactlyInAnyOrder(3L, 7L, 9L, "red", "green", "blue");
        assertThat(mixtures).hasSize(9);
    }

    @Test
    void makesTheSameRowsEachTime() {
        Variations one = variations(ROWS);
        Variations other = variations(ROWS);
        for (int count = 0; count < 20; count++) {
            assertThat(one.next(Kind.NEAR)).isEqualTo(other.next(Kind.NEAR));
        }
    }

    @Test
    void makesNumbersNearAndFar() {
        Variations variations = variations(ROWS);
        Set<Float> near = new HashSet<>();
        Set<Float> large = new HashSet<>();
        for (int count = 0; count < 50; count++) {
            near.add(number(variations.next(Kind.NEAR)));
            assertThat(number(variations.next(Kind.ZERO))).isZero();
            assertThat(number(variations.next(Kind.SPECIAL))).isNotFinite();
            large.add(number(variations.next(Kind.LARGE)));
        }
        assertThat(large).filteredOn(value -> Math.abs(value) > 100).hasSizeGreaterThan(10);
        assertThat(near).hasSizeGreaterThan(10).allMatch(value -> Math.abs(value) < 12);
    }

    /** INT_MIN / -1 is a fault of the processor. */
    @Test
    void bringsTheLeastIntegerTogetherWithNothingNew() {
        List<InferenceRequest> rows = List.of(row(Long.MIN_VALUE, "red", 1), row(-1, "green", 2));
        Variations variations = variations(rows);
        for (int count = 0; count < 100; count++) {
            assertThat(code(variations.next(Kind.NEAR))).isEqualTo(-1);
        }
        List<InferenceRequest> alone = rows.subList(0, 1);
        assertThat(variations(alone).canMake(Kind.NEAR)).isFalse();
    }

    @Test
    void makesCodesAndTextsThatAreNextToThoseOfTheExamples() {
        Variations variations = variations(List.of(row(7, "red", 1)));
        Set<Long> codes = new HashSet<>();
        Set<String> words = new HashSet<>();
        Set<String> mixtures = new HashSet<>();
        for (int count = 0; count < 200; count++) {
            InferenceRequest row = variations.next(Kind.CODES);
            codes.add(code(row));
            words.add(word(row));
            mixtures.add(code(row) + word(row));
        }
        assertThat(codes).containsExactlyInAnyOrder(0L, 6L, 7L, 8L);
        assertThat(words).containsExactlyInAnyOrder("", "red", "red redx");
        assertThat(mixtures).doesNotContain("7red").contains("7", "6red", "8");
    }

    @Test
    void makesNoLeastIntegerOutOfItsNeighbour() {
        Variations variations = variations(List.of(row(Long.MIN_VALUE + 1, "red", 1)));
        for (int count = 0; count < 100; count++) {
            assertThat(code(variations.next(Kind.CODES))).isNotEqualTo(Long.MIN_VALUE);
        }
    }

    private static Variations variations(List<InferenceRequest> rows) {
        return new Variations(rows, rows, new Random(8));
    }

    private static InferenceRequest row(long code, String word, float number) {
        ByteBuffer codes =
                ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).putLong(0, code);
        ByteBuffer numbers =
                ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putFloat(0, number);
        return new InferenceRequest(
                Map.of(
                        "code", new Tensor.Numbers(TensorType.INT64, Shape.of(1, 1), codes),
                        "word", new Tensor.Strings(Shape.of(1, 1), List.of(word)),
                        "number", new Tensor.Numbers(TensorType.FP32, Shape.of(1, 1), numbers)),
                List.of());
    }

    private static long code(InferenceRequest row) {
        return ((Tensor.Numbers) row.inputs().get("code")).data().getLong(0);
    }

    private static String word(InferenceRequest row) {
        return ((Tensor.Strings) row.inputs().get("word")).elements().get(0);
    }

    private static float number(InferenceRequest row) {
        return ((Tensor.Numbers) row.inputs().get("number")).data().getFloat(0);
    }
}
