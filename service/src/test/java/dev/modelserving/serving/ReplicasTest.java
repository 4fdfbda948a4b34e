package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.ReplicaReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What replicas tell each other through the registry. */
class ReplicasTest {
    private static final ModelId IRIS = new ModelId("iris");
    private static final ModelRef IRIS_1 = ModelRef.of("iris", 1);
    private static final ModelRef IRIS_2 = ModelRef.of("iris", 2);

    @TempDir
    private Path directory;

    private ServingFixture fixture;

    @BeforeEach
    void register() throws Exception {
        fixture = new ServingFixture(directory, Map.of());
        fixture.register(IRIS_1, SampleFolders.IRIS_1);
        fixture.register(IRIS_2, SampleFolders.IRIS_2);
        fixture.champion(IRIS_1);
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    @Test
    void reportsWhatItRoutesToAndTakesTheReportBackAtTheEnd() throws Exception {
        fixture.startAndAwaitReady();
        await(() -> isReported(IRIS_1.version(), IRIS_1.version(), "READY"));
        assertThat(live().get(0).address()).isEqualTo("127.0.0.1:8080");
        assertThat(live().get(0).executionMode()).isEqualTo("standalone");
        fixture.champion(IRIS_2);
        await(() -> isReported(IRIS_2.version(), IRIS_2.version(), "READY"));
        fixture.restart();
        await(() -> isReported(IRIS_2.version(), IRIS_2.version(), "READY"));
        fixture.close();
        assertThat(live()).isEmpty();
    }

    @Test
    void reportsATargetThatFailsBesideTheVersionThatGoesOnAnswering() throws Exception {
        fixture.startAndAwaitReady();
        corrupt(IRIS_2);
        fixture.champion(IRIS_2);
        await(() -> isReported(IRIS_1.version(), IRIS_2.version(), "FAILED"));
        assertThat(live().get(0).models().get(IRIS).reason()).contains("sha256");
    }

    @Test
    void isNotReadyWhileAChampionThatFailsHereAnswersElsewhere() {
        corrupt(IRIS_1);
        answersElsewhere(IRIS_1, Instant.now().plusSeconds(60));
        fixture.start();
        await(() -> fixture.serving().obstacle().contains("iris/1 fails here and is READY on replica elsewhere"));
        assertThat(fixture.serving().hasStarted()).isFalse();
        fixture.replicas.withdraw("elsewhere");
        await(fixture.serving()::hasStarted);
    }

    @Test
    void isReadyWhenTheFailingChampionAnswersOnlyWhereNobodyLivesAnyMore() {
        corrupt(IRIS_1);
        answersElsewhere(IRIS_1, Instant.now().minusSeconds(1));
        fixture.startAndAwaitReady();
    }

    @Test
    void isNotReadyWhileTheStoreCannotBeReachedAndRecoversByItself() {
        fixture.store.cutDownloadsOff(true);
        fixture.start();
        await(() -> fixture.serving().obstacle().contains("iris/1 is FAILED"));
        assertThat(fixture.serving().hasStarted()).isFalse();
        fixture.store.cutDownloadsOff(false);
        await(fixture.serving()::hasStarted);
        assertThat(fixture.answer(IRIS_1)).isEqualTo(IRIS_1);
    }

    private void corrupt(ModelRef ref) {
        fixture.store.put(
                "models/" + ref.id() + "/" + ref.version() + "/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
    }

    private void answersElsewhere(ModelRef ref, Instant expiresAt) {
        ReplicaReport.Model model = new ReplicaReport.Model(ref.version(), ref.version(), ReplicaReport.READY, "");
        fixture.replicas.report(
                new ReplicaReport("elsewhere", Map.of(ref.id(), model), "standalone", "10.0.0.1:8080", expiresAt));
    }

    private boolean isReported(ModelVersion version, ModelVersion target, String state) {
        return live().stream()
                .map(replica -> replica.models().get(IRIS))
                .anyMatch(model -> model != null
                        && model.version().equals(version)
                        && model.target().equals(target)
                        && model.state().equals(state));
    }

    private List<ReplicaReport> live() {
        return fixture.replicas.live(Instant.now());
    }
}
