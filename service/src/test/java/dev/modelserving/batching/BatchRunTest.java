package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchRunTest {
    private final TestClock clock = new TestClock();
    private final TestMemory memory = new TestMemory();
    private final TestRuntime runtime = new TestRuntime(clock, rows -> 100);
    private final BatchCosts costs = new BatchCosts(64);
    private final BatchQueue queue = new BatchQueue(costs, runtime);
    private final BatchRun run = new BatchRun(memory, clock);
    private final KeyCosts known = costs.of(BatchKey.of(Requests.rows(1, 1)));

    /** So that all that waits is joined. */
    @BeforeEach
    void learn() {
        for (int rows = 1; rows <= 64; rows *= 2) {
            known.ranJoined(rows, 100);
            known.ranJoined(rows, 100);
        }
    }

    private List<TestCall> run(TestCall... calls) {
        List.of(calls).forEach(queue::add);
        run.runAll(queue);
        return List.of(calls);
    }

    private static InferenceResponse mean(InferenceResponse response) {
        return new InferenceResponse(Map.of("mean", Requests.floats(Shape.of(1, 2), 1, 2)));
    }

    private static InferenceResponse refused(InferenceResponse response) {
        throw new IllegalStateException("too many rows");
    }

    @Test
    void answersEachCallWithItsOwnRows() {
        assertThat(run(TestCall.of(1, 5), TestCall.of(2, 6), TestCall.of(1, 7)))
                .flatExtracting(TestCall::told)
                .containsExactly(new float[] {5, 5}, new float[] {6, 6, 6, 6}, new float[] {7, 7});
        assertThat(runtime.rowsOfRuns()).containsExactly(4);
    }

    @Test
    void keepsTheMemoryUntilAllAreAnsweredAndNoLonger() {
        List<Integer> closedWhenTold = new ArrayList<>();
        TestCall[] calls =
                IntStream.range(0, 3).mapToObj(index -> TestCall.of(1, index)).toArray(TestCall[]::new);
        for (TestCall call : calls) {
            call.whenCompleted = () -> closedWhenTold.add(memory.closed());
        }
        run(calls);
        run(TestCall.of(1, 3));
        assertThat(closedWhenTold).containsOnly(0);
        assertThat(memory.closed()).isEqualTo(2).isEqualTo(memory.opened());
    }

    @Test
    void failsABadRequestAlone() {
        List<TestCall> calls = run(TestCall.of(1, 5), TestCall.of(1, TestRuntime.BAD), TestCall.of(1, 7));
        assertThat(calls.get(0).told()).containsExactly(new float[] {5, 5});
        assertThat(calls.get(1).told()).singleElement().isInstanceOf(InferenceException.class);
        assertThat(calls.get(2).told()).containsExactly(new float[] {7, 7});
        assertThat(runtime.rowsOfRuns()).containsExactly(3, 1, 1, 1);
        assertThat(memory.closed()).isEqualTo(memory.opened());
    }

    @Test
    void goesOnJoiningWhateverBadRequestsCome() {
        for (int times = 0; times < 10; times++) {
            run(TestCall.of(1, 5), TestCall.of(1, TestRuntime.BAD));
        }
        run(TestCall.of(1, 5), TestCall.of(1, 6));
        assertThat(runtime.rowsOfRuns()).endsWith(2);
        assertThat(runtime.stopped()).isEmpty();
    }

    @Test
    void answersAloneAndJoinsNoMoreWhatCannotBeSplit() {
        runtime.withJoined(BatchRunTest::mean);
        assertThat(run(TestCall.of(1, 5), TestCall.of(1, 6)))
                .flatExtracting(TestCall::told)
                .containsExactly(new float[] {5, 5}, new float[] {6, 6});
        run(TestCall.of(1, 5), TestCall.of(1, 6));
        run(TestCall.of(1, 5), TestCall.of(1, 6));
        assertThat(runtime.rowsOfRuns()).containsExactly(2, 1, 1, 1, 1, 1, 1);
        assertThat(runtime.stopped()).containsExactly(known.key());
    }

    @Test
    void joinsNoMoreWhatFailedJoinedAndNotAloneThreeTimes() {
        runtime.withJoined(BatchRunTest::refused);
        for (int times = 0; times < 5; times++) {
            assertThat(run(TestCall.of(1, 5), TestCall.of(1, 6)))
                    .allSatisfy(call -> assertThat(call.told()).singleElement().isInstanceOf(float[].class));
        }
        assertThat(runtime.rowsOfRuns()).filteredOn(rows -> rows == 2).hasSize(3);
        assertThat(runtime.stopped()).containsExactly(known.key());
    }

    @Test
    void goesOnJoiningAfterAFailureThatPasses() {
        for (int times = 0; times < 5; times++) {
            runtime.withJoined(BatchRunTest::refused);
            run(TestCall.of(1, 5), TestCall.of(1, 6));
            runtime.withJoined(response -> response);
            run(TestCall.of(1, 5), TestCall.of(1, 6));
        }
        assertThat(runtime.stopped()).isEmpty();
        assertThat(runtime.rowsOfRuns()).endsWith(2);
    }

    @Test
    void answersAloneWhereThereIsNoMemoryToJoin() {
        memory.exhaust();
        assertThat(run(TestCall.of(1, 5), TestCall.of(1, 6)))
                .flatExtracting(TestCall::told)
                .containsExactly(new float[] {5, 5}, new float[] {6, 6});
        assertThat(runtime.rowsOfRuns()).containsExactly(1, 1);
    }

    @Test
    void dropsWhatIsLateAfterJoinedOnesFailed() {
        runtime.withJoined(BatchRunTest::refused);
        List<TestCall> calls = run(TestCall.until(150), TestCall.rows(1), TestCall.until(150));
        assertThat(calls.get(0).told()).singleElement().isInstanceOf(float[].class);
        assertThat(calls.get(1).told()).singleElement().isInstanceOf(float[].class);
        assertThat(calls.get(2).told()).containsExactly("dropped");
    }

    @Test
    void runsUntilTheLatestDeadlineOfThoseWhoWait() {
        run(TestCall.until(1000), TestCall.until(3000), TestCall.until(2000));
        run(TestCall.until(5000));
        assertThat(runtime.deadlines()).containsExactly(3000L, 5000L);
    }

    @Test
    void tellsWhyACallCannotBeRead() {
        TestCall unreadable = new TestCall(Requests.rows(1, 1), TestCall.NEVER) {
            @Override
            public InferenceRequest request() {
                throw new IllegalArgumentException("no JSON");
            }
        };
        queue.addAlone(unreadable);
        run.runAll(queue);
        assertThat(unreadable.told()).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(runtime.rowsOfRuns()).isEmpty();
    }

    @Test
    void learnsWhatWasReadOnlyWhenItRan() {
        InferenceRequest wide = Requests.of("x", Requests.floats(Shape.of(1, 9), new float[9]));
        queue.addAlone(new TestCall(wide, TestCall.NEVER));
        run.runAll(queue);
        assertThat(costs.nanos(wide)).isEqualTo(100);
    }

    @Test
    void tellsTheOthersWhateverACallThrows() {
        TestCall broken = TestCall.of(1, 5);
        broken.whenCompleted = () -> {
            throw new IllegalStateException("broken");
        };
        TestCall other = TestCall.of(1, 6);
        TestCall later = TestCall.rows(200);
        assertThatThrownBy(() -> run(broken, other, later)).hasRootCauseMessage("broken");
        assertThat(other.told()).containsExactly(new float[] {6, 6});
        assertThat(later.told()).hasSize(1);
        assertThat(broken.told()).hasSize(1);
        assertThat(memory.closed()).isEqualTo(memory.opened());
    }

    @Test
    void runsWhatIsAddedByACallThatIsAnswered() {
        TestCall next = TestCall.of(1, 8);
        TestCall first = TestCall.of(1, 7);
        first.whenCompleted = () -> queue.add(next);
        run(first);
        assertThat(next.told()).containsExactly(new float[] {8, 8});
    }

    @Test
    void looksAtTheClockTwiceABatch() {
        int before = clock.reads();
        run(TestCall.of(1, 5), TestCall.of(1, 6), TestCall.of(1, 7));
        assertThat(clock.reads() - before).isEqualTo(2);
    }

    @Test
    void growsToAllThatWaitByItself() {
        BatchQueue fresh = new BatchQueue(new BatchCosts(64), runtime);
        for (int turn = 0; turn < 20; turn++) {
            for (int index = 0; index < 64; index++) {
                fresh.add(TestCall.rows(1));
            }
            run.runAll(fresh);
        }
        assertThat(runtime.rowsOfRuns())
                .startsWith(1, 1, 2, 2, 4, 4, 8, 8, 16, 16)
                .endsWith(64);
    }
}
