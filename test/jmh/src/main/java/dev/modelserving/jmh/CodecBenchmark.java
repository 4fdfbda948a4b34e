package dev.modelserving.jmh;

import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.PredictResponseWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
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

/** From a body to tensors, and from tensors to an answer; {@code readSlowly} is the way of bodies in other forms. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final ModelRef REF = ModelRef.of("model", 1);
    private static final String ID = "77a4e21a-97f9-4a1a-9a2d-dc3c9e9b5c8a";

    /** Whose requests. */
    @Param
    public Traffic traffic = Traffic.IRIS;

    private final ReusedMemory memory = new ReusedMemory();
    private final ReusedBody answer = new ReusedBody();
    private RequestBody body = Traffic.IRIS.body();
    private ModelSignature signature = Traffic.IRIS.signature();
    private InferenceResponse response = Traffic.IRIS.response(1);
    private PredictRequest request = PredictRequestReader.read(body, signature);

    @Setup
    public void make() {
        body = traffic.body();
        signature = traffic.signature();
        response = traffic.response(1);
        request = PredictRequestReader.read(body, signature);
    }

    @Benchmark
    public PredictRequest read() {
        PredictRequest read = PredictRequestReader.read(body, signature, memory);
        memory.close();
        return read;
    }

    @Benchmark
    public PredictRequest readSlowly() {
        return PredictRequestReader.read(body, signature);
    }

    @Benchmark
    public int write() {
        answer.clear();
        PredictResponseWriter.write(REF, request, ID, response, answer);
        return answer.length();
    }
}
