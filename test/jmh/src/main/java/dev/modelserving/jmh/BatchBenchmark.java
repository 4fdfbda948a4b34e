package dev.modelserving.jmh;

import dev.modelserving.batching.Batch;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to compute requests together, but for the computing: all of a batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchBenchmark {
    /** Whose requests. */
    @Param({"IRIS", "MLP"})
    public Traffic traffic = Traffic.IRIS;

    /** How many, of one row each. */
    @Param({"8", "32"})
    public int requests = 1;

    private final ReusedMemory memory = new ReusedMemory();
    private List<InferenceRequest> single = List.of(Traffic.IRIS.request());
    private InferenceResponse joined = Traffic.IRIS.response(1);
    private Batch batch = Batch.join(single, memory);

    @Setup
    public void make() {
        single = Collections.nCopies(requests, traffic.request());
        joined = traffic.response(requests);
        batch = Batch.join(single, memory);
    }

    @Benchmark
    public Batch join() {
        memory.close();
        return Batch.join(single, memory);
    }

    @Benchmark
    public List<InferenceResponse> split() {
        return batch.split(joined);
    }
}
