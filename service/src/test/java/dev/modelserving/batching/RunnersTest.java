package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunnersTest {
    private static final int CAPACITY = 20;

    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final ThreadFactory factory = work -> {
        Thread thread = new Thread(work, "runner");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((of, failure) -> uncaught.add(failure));
        threads.add(thread);
        return thread;
    };
    private final Runners runners = Runners.start(2, CAPACITY, factory, TensorMemory::collected);
    private final HeldRuntime runtime = new HeldRuntime();
    private final BatchCosts costs = new BatchCosts(64);
    private final BatchQueue queue = new BatchQueue(costs, runtime);

    /** Each run waits until it may go on. */
    private static final class HeldRuntime implements ModelRuntime {
        final Semaphore begun = new Semaphore(0);
        final Semaphore mayEnd = new Semaphore(0);
        final Queue<Integer> rowsOfRuns = new ConcurrentLinkedQueue<>();

        @Override
        public InferenceResponse run(InferenceRequest request, TensorMemory memory, long deadlineNanos) {
            rowsOfRuns.add(Batch.rows(request));
            begun.release();
            mayEnd.acquireUninterruptibly();
            return new InferenceResponse(request.inputs());
        }

        void free() {
            mayEnd.release(1_000_000);
        }
    }

    @AfterEach
    void close() {
        runtime.free();
        runners.close();
        threads.forEach(thread -> await().until(() -> !thread.isAlive()));
    }

    private void learnThatJoiningPays() {
        KeyCosts known = costs.of(BatchKey.of(Requests.rows(1, 1)));
        for (int rows = 1; rows <= 64; rows *= 2) {
            known.ranJoined(rows, 1000);
            known.ranJoined(rows, 1000);
        }
    }

    private List<TestCall> occupyBoth() {
        List<TestCall> calls = List.of(TestCall.rows(1), TestCall.rows(1));
        for (TestCall call : calls) {
            assertThat(runners.submit(queue, call)).isTrue();
            runtime.begun.acquireUninterruptibly();
        }
        return calls;
    }

    private static void awaitTold(TestCall call) {
        await().until(() -> !call.told().isEmpty());
    }

    @Test
    void runACallOnEachFreeThread() {
        List<TestCall> calls = occupyBoth();
        assertThat(runtime.rowsOfRuns).containsExactly(1, 1);
        runtime.free();
        calls.forEach(RunnersTest::awaitTold);
    }

    @Test
    void joinWhatCameWhileAllWereBusy() {
        learnThatJoiningPays();
        occupyBoth();
        List<TestCall> calls = new ArrayList<>();
        for (int index = 0; index < 10; index++) {
            calls.add(TestCall.of(1, index));
            runners.submit(queue, calls.get(index));
        }
        runtime.mayEnd.release();
        runtime.begun.acquireUninterruptibly();
        assertThat(runtime.rowsOfRuns).containsExactly(1, 1, 10);
        runtime.free();
        for (int index = 0; index < 10; index++) {
            awaitTold(calls.get(index));
            assertThat(calls.get(index).told()).containsExactly(new float[] {index, index});
        }
    }

    @Test
    void refuseWhenTooManyWait() {
        occupyBoth();
        for (int index = 0; index < CAPACITY; index++) {
            assertThat(runners.submit(queue, TestCall.rows(1))).isTrue();
        }
        TestCall refused = TestCall.rows(1);
        assertThat(runners.waiting()).isEqualTo(CAPACITY);
        assertThat(runners.submit(queue, refused)).isFalse();
        assertThat(refused.told()).isEmpty();
    }

    @Test
    void letThoseLeaveWhoNeedNotWaitWhenTooManyDo() {
        occupyBoth();
        List<TestCall> calls = new ArrayList<>();
        for (int index = 0; index < CAPACITY; index++) {
            calls.add(TestCall.rows(1));
            runners.submit(queue, calls.get(index));
        }
        calls.get(7).leave();
        assertThat(runners.submit(queue, TestCall.rows(1))).isTrue();
        assertThat(calls.get(7).told()).containsExactly("dropped");
        assertThat(runners.waiting()).isEqualTo(CAPACITY);
    }

    @Test
    void readOnTheirThreadsWhatIsToBeReadThere() {
        runtime.free();
        List<String> readers = new ArrayList<>();
        TestCall large = new TestCall(Requests.rows(1, 1), TestCall.NEVER) {
            @Override
            public InferenceRequest request() {
                readers.add(Thread.currentThread().getName());
                return super.request();
            }
        };
        runners.submitAlone(queue, large);
        awaitTold(large);
        assertThat(readers).containsExactly("runner");
    }

    @Test
    void finishWhatIsThereAndTakeNoMoreOnceTheyAreDrained() throws InterruptedException {
        List<TestCall> calls = new ArrayList<>(occupyBoth());
        calls.add(TestCall.rows(1));
        runners.submit(queue, calls.get(2));
        assertThat(runners.drain(Duration.ofMillis(1))).isFalse();
        runtime.free();
        assertThat(runners.drain(Duration.ofSeconds(30))).isTrue();
        assertThat(calls).allSatisfy(call -> assertThat(call.told()).hasSize(1));
        assertThat(runners.submit(queue, TestCall.rows(1))).isFalse();
    }

    @Test
    void tellThoseWhoWaitWhenTheyAreClosed() {
        occupyBoth();
        TestCall waiting = TestCall.rows(1);
        runners.submit(queue, waiting);
        runners.close();
        assertThat(waiting.told()).singleElement().isInstanceOf(InferenceException.class);
    }

    @Test
    void goOnWhateverACallThrows() {
        runtime.free();
        for (int times = 0; times < 5; times++) {
            TestCall broken = TestCall.rows(1);
            broken.whenCompleted = () -> {
                throw new IllegalStateException("broken");
            };
            runners.submit(queue, broken);
            awaitTold(broken);
        }
        TestCall next = TestCall.rows(1);
        runners.submit(queue, next);
        awaitTold(next);
        await().until(() -> uncaught.size() == 5);
    }

    @Test
    void answerEachCallOnceWithItsOwnRowsWhateverIsJoined() throws InterruptedException {
        runtime.free();
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            int first = caller * 10_000;
            callers.add(new Thread(() -> wrong.addAndGet(callMany(first))));
        }
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(wrong).hasValue(0);
        assertThat(runtime.rowsOfRuns).anyMatch(rows -> rows > 4);
        assertThat(runners.drain(Duration.ofSeconds(30))).isTrue();
    }

    /** Five at a time; gives the number of wrong answers. */
    private int callMany(int first) {
        int wrong = 0;
        for (int round = 0; round < 1000; round++) {
            List<TestCall> calls = new ArrayList<>();
            for (int index = 0; index < 5; index++) {
                TestCall call = TestCall.of(1 + index % 3, first + 5 * round + index);
                calls.add(call);
                assertThat(runners.submit(queue, call)).isTrue();
            }
            for (TestCall call : calls) {
                while (call.told().isEmpty()) {
                    Thread.onSpinWait();
                }
                wrong += call.told().size() == 1 && isOwn(call) ? 0 : 1;
            }
        }
        return wrong;
    }

    private static boolean isOwn(TestCall call) {
        return call.told().get(0) instanceof float[] told
                && Arrays.equals(told, Requests.floats(call.request().inputs().get("x")));
    }
}
