package dev.modelserving.jmh;

import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.BatchRun;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * A call's way through the queue of its own thread, with a model that costs nothing: waiting, the choice of the next batch,
 * the clock, what is learned of it. {@code joined} also joins and splits.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {
    private static final int CALLS = 32;

    private long answered;
    private final ReusedMemory memory = new ReusedMemory();
    private final BatchRun run = new BatchRun(() -> memory, System::nanoTime);
    private final RepeatedCall call = new RepeatedCall(Traffic.IRIS.request(), () -> answered++);
    private final BatchQueue oneByOne = new BatchQueue(new BatchCosts(1), new NoModel(1));
    private final BatchQueue joining = new BatchQueue(new BatchCosts(CALLS), new NoModel(CALLS));

    @Benchmark
    public long alone() {
        oneByOne.add(call);
        run.runAll(oneByOne);
        return answered;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long oneByOne() {
        return runAll(oneByOne);
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long joined() {
        return runAll(joining);
    }

    private long runAll(BatchQueue queue) {
        for (int i = 0; i < CALLS; i++) {
            queue.add(call);
        }
        run.runAll(queue);
        return answered;
    }
}
