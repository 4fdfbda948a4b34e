package dev.modelserving.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelValuesTest {
    @ParameterizedTest
    @ValueSource(strings = {"iris", "0", "all-minilm-l6-v2-q", "a.b_c-d"})
    void takesAModelIdOfTheContract(String id) {
        assertThat(new ModelId(id)).hasToString(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Iris", "-a", "../x", "a/b", "a b", "ä", "a\n"})
    void refusesAnyOtherModelId(String id) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ModelId(id)).withMessageContaining("expected");
    }

    @Test
    void refusesAModelIdOf129Characters() {
        assertThat(new ModelId("a".repeat(128))).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> new ModelId("a".repeat(129)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "01", "+1", "-1", "1.0", "", " 1", "10000000000", "99999999999"})
    void refusesAVersionThatIsNotCanonical(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ModelVersion.parse(text));
    }

    @Test
    void takesTheLargestVersion() {
        assertThat(ModelVersion.parse("9999999999").value()).isEqualTo(9_999_999_999L);
        assertThatIllegalArgumentException().isThrownBy(() -> new ModelVersion(0));
    }

    @Test
    void sortsVersionsAsNumbers() {
        assertThat(List.of(ModelRef.of("b", 1), ModelRef.of("a", 10), ModelRef.of("a", 9)))
                .satisfies(refs -> assertThat(refs.stream().sorted().map(ModelRef::toString))
                        .containsExactly("a/9", "a/10", "b/1"));
    }

    @Test
    void acceptsAnySizeWhereTheShapeIsDynamic() {
        Shape declared = Shape.of(-1, 4);
        assertThat(declared.accepts(Shape.of(7, 4))).isTrue();
        assertThat(declared.accepts(Shape.of(0, 4))).isTrue();
        assertThat(declared.accepts(Shape.of(1, 3))).isFalse();
        assertThat(declared.accepts(Shape.of(4))).isFalse();
    }

    @Test
    void countsElements() {
        assertThat(Shape.of().elementCount()).isEqualTo(1);
        assertThat(Shape.of(2, 3).elementCount()).isEqualTo(6);
        assertThat(Shape.of(Long.MAX_VALUE, Long.MAX_VALUE, 0).elementCount()).isZero();
    }

    @Test
    void refusesToCountWhatDoesNotFit() {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> Shape.of(Long.MAX_VALUE, 2).elementCount())
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void refusesATensorWhoseDataIsNotItsShape() {
        ByteBuffer four = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        assertThat(new Tensor.Numbers(TensorType.FP32, Shape.of(1), four)).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> new Tensor.Numbers(TensorType.FP32, Shape.of(2), four));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tensor.Strings(Shape.of(2), List.of("one")));
    }

    @Test
    void refusesATensorInTheOtherByteOrder() {
        ByteOrder other =
                ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tensor.Numbers(
                        TensorType.FP32,
                        Shape.of(1),
                        ByteBuffer.allocateDirect(4).order(other)));
    }

    @Test
    void shortensAndCleansWhatCameForAMessage() {
        assertThat(Excerpt.quoted("a\u0000b\nc")).isEqualTo("'a\uFFFDb\uFFFDc'");
        assertThat(Excerpt.quoted("x".repeat(1000))).hasSizeLessThan(70).endsWith("…'");
        assertThat(Excerpt.quoted("x".repeat(59) + "😀")).isEqualTo("'" + "x".repeat(59) + "…'");
    }

    @Test
    void tellsAllFaultsInOneSentence() {
        var problem = new InferenceException.Problem("x", "shape", "[-1, 4]", "[1, 3]");
        assertThat(InferenceException.invalid(List.of(problem)))
                .hasMessage("input 'x': shape [1, 3] (expected: [-1, 4])");
        assertThat(InferenceException.invalid(List.of(problem, problem, problem, problem)))
                .hasMessageEndingWith("and 1 more");
    }
}
