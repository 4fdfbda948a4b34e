package dev.modelserving.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.runtime.ThisRuntime;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification says of joining requests, in the version and in the verdict alike. */
class BatchingVerdictTest {
    private static final Path BATCHING = Path.of("..", "test", "batching-models");

    @TempDir
    private Path work;

    private VerificationBench bench;

    @BeforeEach
    void open() {
        bench = new VerificationBench(work);
    }

    @Test
    void allowsItWhereTheExamplesShowNoDifference() throws Exception {
        BatchingVerdict verdict = verify(bench.registered("iris", SampleFolders.IRIS_1));
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isEqualTo(64);
        assertThat(verdict.kind()).isEqualTo(ThisRuntime.kind());
    }

    @Test
    void saysWhatWouldMove() throws Exception {
        BatchingVerdict verdict = verify(bench.registered("mean", BATCHING.resolve("batch-mean/1")));
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason()).startsWith("rows of 'y' moved by");
    }

    @Test
    void doesWhatTheManifestSays() throws Exception {
        ModelRef mean = bench.registered("mean", BATCHING.resolve("batch-mean/1"));
        bench.publish(mean, BATCHING.resolve("batch-mean/1"), details(Manifest.Batching.ON));
        BatchingVerdict on = verify(mean);
        assertThat(on.allowed()).isTrue();
        assertThat(on.maxRows()).isEqualTo(16);
        assertThat(on.kind()).isEqualTo(RuntimeKind.ANY);
        ModelRef mlp = bench.registered("mlp", BATCHING.resolve("mlp/1"));
        bench.publish(mlp, BATCHING.resolve("mlp/1"), details(Manifest.Batching.OFF));
        assertThat(verify(mlp).allowed()).isFalse();
    }

    @Test
    void saysNothingOfAVersionThatIsRejected() throws Exception {
        ModelRef iris = bench.registered("iris", SampleFolders.IRIS_1);
        bench.store.put("models/iris/1/model.onnx", new byte[1]);
        assertThat(bench.verify(iris)).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().batching()).isNull();
    }

    private static Manifest.Details details(Manifest.Batching batching) {
        return new Manifest.Details(16, batching, Map.of(), Map.of());
    }

    private BatchingVerdict verify(ModelRef ref) throws Exception {
        int before = bench.records.changes().size();
        assertThat(bench.verify(ref)).isEqualTo(ExitCode.DONE);
        BatchingVerdict verdict = Objects.requireNonNull(bench.verdict().batching());
        assertThat(bench.records.changes().get(before).filledIn())
                .hasValueSatisfying(found -> assertThat(found.batching()).isEqualTo(verdict));
        return verdict;
    }
}
