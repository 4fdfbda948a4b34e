package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.registry.VersionRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which models are batched on this replica. */
class BatchingTest {
    private static final ModelRef IRIS = ModelRef.of("iris", 1);
    private static final RuntimeKind ELSEWHERE = new RuntimeKind("1.0.0", "another");

    @TempDir
    private Path directory;

    private ServingFixture fixture;

    @BeforeEach
    void prepare() throws Exception {
        fixture = new ServingFixture(directory.resolve("cache"), Map.of());
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void takesTheWordOfARegistryThatTriedItOnSuchAMachine() throws Exception {
        fixture.register(IRIS, SampleFolders.IRIS_1);
        VersionRecord registered = record(BatchingVerdict.refused("the registry's own word", RuntimeKind.ANY), null);
        fixture.registry.write(registered, Instant.now());
        assertThat(batching().reason()).isEqualTo("the registry's own word");
    }

    @Test
    void triesItAgainOnAnotherKindOfMachine() throws Exception {
        fixture.register(IRIS, SampleFolders.IRIS_1);
        fixture.registry.write(record(BatchingVerdict.refused("found elsewhere", ELSEWHERE), null), Instant.now());
        BatchingVerdict found = batching();
        assertThat(found.allowed()).as(found.reason()).isTrue();
        assertThat(found.maxRows()).isEqualTo(64);
        assertThat(found.reason()).contains("joined runs");
    }

    @Test
    void triesAVersionThatNobodyHasTriedAndJoinsNoMoreRowsThanTheVersionSays() throws Exception {
        fixture.register(IRIS, SampleFolders.IRIS_1);
        fixture.registry.write(record(null, 8), Instant.now());
        assertThat(batching().allowed()).isTrue();
        assertThat(batching().maxRows()).isEqualTo(8);
    }

    @Test
    void joinsNoMoreRowsThanTheVersionSaysWhateverWasTried() throws Exception {
        fixture.register(IRIS, SampleFolders.IRIS_1);
        fixture.registry.write(record(BatchingVerdict.allowed(64, "tried", RuntimeKind.ANY), 8), Instant.now());
        assertThat(batching().maxRows()).isEqualTo(8);
    }

    @Test
    void hasNothingToTryWithoutExamples() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("bare"));
        Files.copy(SampleFolders.IRIS_1.resolve("model.onnx"), folder.resolve("model.onnx"));
        fixture.register(IRIS, folder);
        assertThat(batching().allowed()).isFalse();
        assertThat(batching().reason()).isEqualTo("it has no examples, with which it could be tried");
    }

    /** What the registration has found out. */
    private VersionRecord record(@Nullable BatchingVerdict verdict, @Nullable Integer largestBatch) throws Exception {
        VersionRecord registered = fixture.registry.changedSince(Instant.EPOCH).records().stream()
                .filter(VersionRecord.class::isInstance)
                .map(VersionRecord.class::cast)
                .findFirst()
                .orElseThrow();
        return new VersionRecord(
                IRIS,
                registered.status(),
                "",
                registered.artifactPrefix(),
                registered.files(),
                registered.examplesPath(),
                null,
                largestBatch,
                verdict,
                registered.rev() + 1);
    }

    /** Once everything has been tried. */
    private BatchingVerdict batching() throws Exception {
        if (!fixture.serving().hasStarted()) {
            fixture.champion(IRIS);
            fixture.start();
        }
        await(() -> fixture.serving().isReady() && fixture.serving().isIdle());
        return fixture.entry(IRIS).batching().orElseThrow();
    }
}
