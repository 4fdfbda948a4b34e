package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchTest {
    private static final TensorMemory MEMORY = TensorMemory.collected();

    private static Batch three() {
        return Batch.join(List.of(Requests.rows(2, 1), Requests.rows(1, 2), Requests.rows(3, 3)), MEMORY);
    }

    @Test
    void joinsRowsInTheOrderOfTheRequests() {
        Tensor joined = three().request().inputs().get("x");
        assertThat(joined.shape()).isEqualTo(Shape.of(6, 2));
        assertThat(Requests.floats(joined)).containsExactly(1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3);
    }

    @Test
    void givesEachRequestItsOwnRows() {
        Batch batch = three();
        List<InferenceResponse> parts =
                batch.split(new InferenceResponse(batch.request().inputs()));
        assertThat(parts)
                .extracting(part -> Requests.floats(part.outputs().get("x")))
                .containsExactly(new float[] {1, 1, 1, 1}, new float[] {2, 2}, new float[] {3, 3, 3, 3, 3, 3});
        assertThat(parts.get(2).outputs().get("x").shape()).isEqualTo(Shape.of(3, 2));
    }

    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BYTES"})
    void returnsWhatWasJoinedBitForBit(TensorType type) {
        Random random = new Random(7);
        List<InferenceRequest> requests = IntStream.of(3, 1, 8, 17, 2)
                .mapToObj(rows -> Requests.of("x", random(type, Shape.of(rows, 3, 5), random)))
                .toList();
        Batch batch = Batch.join(requests, MEMORY);
        List<InferenceResponse> parts =
                batch.split(new InferenceResponse(batch.request().inputs()));
        assertThat(parts)
                .extracting(InferenceResponse::outputs)
                .isEqualTo(requests.stream().map(InferenceRequest::inputs).toList());
    }

    private static Tensor random(TensorType type, Shape shape, Random random) {
        byte[] bytes = new byte[Math.toIntExact(shape.elementCount()) * type.byteSize()];
        random.nextBytes(bytes);
        ByteBuffer data = ByteBuffer.allocateDirect(bytes.length + 8).order(ByteOrder.nativeOrder());
        data.position(8).put(8, bytes);
        return new Tensor.Numbers(type, shape, data);
    }

    @Test
    void joinsAndSplitsStrings() {
        Batch batch = Batch.join(
                List.of(strings(Shape.of(1, 2), "a", "b"), strings(Shape.of(2, 2), "c", "", "é", "\uD83D\uDE00")),
                MEMORY);
        assertThat(batch.request().inputs().get("t"))
                .isEqualTo(new Tensor.Strings(Shape.of(3, 2), List.of("a", "b", "c", "", "é", "\uD83D\uDE00")));
        assertThat(batch.split(new InferenceResponse(batch.request().inputs())))
                .extracting(part -> part.outputs().get("t"))
                .containsExactly(
                        new Tensor.Strings(Shape.of(1, 2), List.of("a", "b")),
                        new Tensor.Strings(Shape.of(2, 2), List.of("c", "", "é", "\uD83D\uDE00")));
    }

    private static InferenceRequest strings(Shape shape, String... elements) {
        return Requests.of("t", new Tensor.Strings(shape, List.of(elements)));
    }

    @Test
    void joinsEveryInputByItself() {
        List<InferenceRequest> requests = new ArrayList<>();
        for (int rows = 1; rows <= 2; rows++) {
            Tensor left = Requests.rows(rows, rows).inputs().get("x");
            Tensor right = Requests.floats(Shape.of(rows), new float[rows]);
            requests.add(new InferenceRequest(Map.of("left", left, "right", right), List.of("sum")));
        }
        InferenceRequest joined = Batch.join(requests, MEMORY).request();
        assertThat(joined.inputs().get("left").shape()).isEqualTo(Shape.of(3, 2));
        assertThat(joined.inputs().get("right").shape()).isEqualTo(Shape.of(3));
        assertThat(joined.outputs()).containsExactly("sum");
    }

    @Test
    void takesASingleRequestAsItIs() {
        InferenceRequest request = Requests.rows(2, 1);
        InferenceResponse scalar = new InferenceResponse(Map.of("y", Requests.floats(Shape.of(), 1)));
        Batch batch = Batch.join(List.of(request), MEMORY);
        assertThat(batch.request()).isSameAs(request);
        assertThat(batch.split(scalar)).containsExactly(scalar);
    }

    @Test
    void keepsTheNamesOfClasses() {
        ClassLabels labels = new ClassLabels(List.of("no", "yes"), false);
        Batch batch = three();
        InferenceResponse joined = new InferenceResponse(batch.request().inputs(), Map.of("x", labels), Set.of());
        assertThat(batch.split(joined))
                .allSatisfy(part -> assertThat(part.classes()).containsEntry("x", labels));
    }

    @Test
    void splitsNumbersWithoutCopyingThem() {
        Batch batch = three();
        InferenceResponse last =
                batch.split(new InferenceResponse(batch.request().inputs())).get(2);
        ((Tensor.Numbers) batch.request().inputs().get("x")).data().putFloat(20, 9);
        assertThat(Requests.floats(last.outputs().get("x"))).startsWith(3);
        ((Tensor.Numbers) batch.request().inputs().get("x")).data().putFloat(24, 9);
        assertThat(Requests.floats(last.outputs().get("x"))).startsWith(9);
    }

    @Test
    void refusesAnOutputWithOtherRows() {
        InferenceResponse response = new InferenceResponse(Map.of("mean", Requests.floats(Shape.of(1, 2), 1, 2)));
        assertThatThrownBy(() -> three().split(response))
                .isInstanceOf(SplitException.class)
                .hasMessage("output 'mean' has shape [1, 2] for 6 rows joined of 3 requests (expected: 6 rows)");
    }

    @Test
    void refusesAScalarOutput() {
        InferenceResponse response = new InferenceResponse(Map.of("loss", Requests.floats(Shape.of(), 1)));
        assertThatThrownBy(() -> three().split(response)).isInstanceOf(SplitException.class);
    }

    @Test
    void refusesASequenceWhoseLengthIsTheNumberOfRowsByChance() {
        InferenceResponse response = new InferenceResponse(three().request().inputs(), Map.of(), Set.of("x"));
        assertThatThrownBy(() -> three().split(response))
                .hasMessageStartingWith("output 'x' is a sequence of shape [6, 2]");
    }

    @Test
    void countsNoRowsOfWhatMustNotBeJoined() {
        Tensor scalar = Requests.floats(Shape.of(), 1);
        Tensor two = Requests.rows(2, 1).inputs().get("x");
        Tensor three = Requests.rows(3, 1).inputs().get("x");
        assertThat(Batch.rows(Requests.rows(5, 1))).isEqualTo(5);
        assertThat(Batch.rows(Requests.rows(0, 1))).isZero();
        assertThat(Batch.rows(Requests.of("x", scalar))).isZero();
        assertThat(Batch.rows(new InferenceRequest(Map.of("a", two, "b", three), List.of())))
                .isZero();
        assertThat(Batch.rows(new InferenceRequest(Map.of("a", two, "b", scalar), List.of())))
                .isZero();
        assertThat(Batch.rows(Requests.of("x", Requests.floats(Shape.of(1L << 40, 0)))))
                .isZero();
    }

    @Test
    void refusesRequestsThatCannotBeJoined() {
        InferenceRequest one = Requests.rows(1, 1);
        InferenceRequest wider = Requests.of("x", Requests.floats(Shape.of(1, 3), 1, 2, 3));
        assertThatThrownBy(() -> Batch.join(List.of(one, wider), MEMORY)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Batch.join(List.of(one, Requests.rows(0, 1)), MEMORY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Batch.join(List.of(), MEMORY)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void leavesThePositionsOfTheInputsAlone() {
        List<InferenceRequest> requests = List.of(Requests.rows(1, 1), Requests.rows(2, 2));
        Batch.join(requests, MEMORY);
        assertThat(Batch.join(requests, MEMORY).request().inputs().get("x").shape())
                .isEqualTo(Shape.of(3, 2));
        assertThat(Requests.floats(requests.get(1).inputs().get("x"))).containsExactly(2, 2, 2, 2);
    }
}
