package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    private final TestClock clock = new TestClock();
    private final TestRuntime runtime = new TestRuntime(clock, rows -> 100);
    private final BatchCosts costs = new BatchCosts(64);
    private final BatchQueue queue = new BatchQueue(costs, runtime);
    private final BatchRun run = new BatchRun(TensorMemory::collected, clock);

    /** Any batch of {@link TestCall}'s takes 100 ns, so that joining all of them pays. */
    @BeforeEach
    void learn() {
        KeyCosts known = costs.of(BatchKey.of(Requests.rows(1, 1)));
        for (int rows = 1; rows <= 64; rows *= 2) {
            known.ranJoined(rows, 100);
            known.ranJoined(rows, 100);
        }
    }

    private List<TestCall> add(int... rows) {
        List<TestCall> calls = new ArrayList<>();
        for (int count : rows) {
            calls.add(TestCall.rows(count));
            queue.add(calls.get(calls.size() - 1));
        }
        return calls;
    }

    private List<Integer> rowsOfRuns() {
        run.runAll(queue);
        assertThat(queue.size()).isZero();
        return runtime.rowsOfRuns();
    }

    private static InferenceRequest wide(int width) {
        return Requests.of("x", Requests.floats(Shape.of(1, width), new float[width]));
    }

    private static TestCall wideCall(int width) {
        return new TestCall(wide(width), TestCall.NEVER);
    }

    @Test
    void joinsAllThatWait() {
        add(1, 2, 3, 4);
        assertThat(rowsOfRuns()).containsExactly(10);
    }

    @Test
    void joinsNoMoreThanAllowed() {
        add(20, 20, 20, 20, 20);
        assertThat(rowsOfRuns()).containsExactly(60, 40);
    }

    @Test
    void runsAloneWhatHasMoreRowsThanAllowed() {
        add(1, 200, 1, 1);
        assertThat(rowsOfRuns()).containsExactly(1, 200, 2);
    }

    @Test
    void runsAloneWhatHasNoRows() {
        add(1, 0, 0, 1);
        assertThat(rowsOfRuns()).containsExactly(1, 0, 0, 1);
    }

    @Test
    void joinsNothingOfAModelThatMayNotBeJoined() {
        BatchQueue separate = new BatchQueue(new BatchCosts(1), runtime);
        for (int rows : new int[] {1, 1, 3, 1}) {
            for (int times = 0; times < 5; times++) {
                separate.add(TestCall.rows(rows));
            }
        }
        run.runAll(separate);
        assertThat(runtime.rowsOfRuns()).hasSize(20).startsWith(1, 1, 1).doesNotContain(2);
    }

    @Test
    void joinsOnlyWhatHasOneInnerShape() {
        List<TestCall> calls = List.of(wideCall(2), wideCall(3), wideCall(2), wideCall(3), wideCall(2));
        calls.forEach(queue::add);
        assertThat(rowsOfRuns()).startsWith(3);
        assertThat(calls)
                .allSatisfy(call -> assertThat(call.told()).singleElement().isInstanceOf(float[].class));
    }

    @Test
    void takesWhatWaitedLongestFirst() {
        List<Integer> order = new ArrayList<>();
        for (int width : new int[] {5, 4, 3, 4, 5, 3, 6}) {
            TestCall call = wideCall(width);
            call.whenCompleted = () -> order.add(width);
            queue.add(call);
        }
        rowsOfRuns();
        assertThat(order).containsExactly(5, 4, 3, 4, 5, 3, 6);
    }

    @Test
    void runsAloneInItsTurnWhatIsReadOnlyThen() {
        TestCall before = TestCall.rows(1);
        TestCall alone = TestCall.rows(2);
        TestCall behind = TestCall.rows(4);
        queue.add(before);
        queue.addAlone(alone);
        queue.add(behind);
        assertThat(rowsOfRuns()).containsExactly(5, 2);
        assertThat(alone.told()).hasSize(1);
    }

    @Test
    void dropsWhatNobodyWaitsForAndWhatIsLate() {
        clock.advance(50);
        TestCall late = TestCall.until(50);
        TestCall left = TestCall.rows(1).leave();
        queue.add(late);
        TestCall inTime = add(1).get(0);
        queue.add(left);
        assertThat(rowsOfRuns()).containsExactly(1);
        assertThat(late.told()).containsExactly("dropped");
        assertThat(left.told()).containsExactly("dropped");
        assertThat(inTime.told()).doesNotContain("dropped").hasSize(1);
    }

    @Test
    void joinsNoMoreThanTheEarliestDeadlineAllows() {
        KeyCosts slow = costs.of(BatchKey.of(wide(7)));
        for (int rows = 1; rows <= 64; rows *= 2) {
            slow.ranJoined(rows, 100 + 10 * rows);
            slow.ranJoined(rows, 100 + 10 * rows);
        }
        for (int index = 0; index < 20; index++) {
            queue.add(new TestCall(wide(7), index == 2 ? 165 : TestCall.NEVER));
        }
        assertThat(rowsOfRuns()).containsExactly(4, 16);
    }

    @Test
    void joinsAsUsualWhatWillBeLateAnyway() {
        queue.add(TestCall.until(99));
        add(1, 1, 1);
        assertThat(rowsOfRuns()).containsExactly(4);
    }

    @Test
    void forgetsShapesThatDoNotComeAgain() {
        for (int width = 1; width <= 500; width++) {
            TestCall call = wideCall(width);
            queue.add(call);
            run.runAll(queue);
            assertThat(call.told()).hasSize(1);
        }
        TestCall again = wideCall(1);
        queue.add(again);
        run.runAll(queue);
        assertThat(again.told()).hasSize(1);
    }
}
