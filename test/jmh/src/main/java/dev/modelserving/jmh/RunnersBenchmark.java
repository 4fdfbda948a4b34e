package dev.modelserving.jmh;

import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.Runners;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A call's way to another thread and its answer's way back, with a model that costs nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RunnersBenchmark {
    private static final int CALLS = 32;

    private final ReusedMemory memory = new ReusedMemory();
    private final Runners runners = Runners.start(1, CALLS, Thread::new, () -> memory);
    private final Semaphore answers = new Semaphore(0);
    private final RepeatedCall call = new RepeatedCall(Traffic.IRIS.request(), answers::release);
    private final BatchQueue queue = new BatchQueue(new BatchCosts(1), new NoModel(1));

    /** Both threads wait, and are woken. */
    @Benchmark
    public void oneCall() {
        await(1);
    }

    /** The thread is woken once, and finds the others when it has run the first. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void manyCalls() {
        await(CALLS);
    }

    private void await(int calls) {
        for (int i = 0; i < calls; i++) {
            if (!runners.submit(queue, call)) {
                throw new IllegalStateException("a call was refused");
            }
        }
        answers.acquireUninterruptibly(calls);
    }

    @TearDown
    public void stop() {
        runners.close();
    }
}
