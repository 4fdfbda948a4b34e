package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.ModelRef;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LazyLoadingTest {
    private static final ModelRef IRIS_1 = ModelRef.of("iris", 1);
    private static final ModelRef IRIS_2 = ModelRef.of("iris", 2);

    @TempDir
    private Path directory;

    private ServingFixture fixture;

    @BeforeEach
    void register() throws Exception {
        fixture = new ServingFixture(directory, Map.of("MODEL_LOADING", "lazy"));
        fixture.register(IRIS_1, SampleFolders.IRIS_1);
        fixture.register(IRIS_2, SampleFolders.IRIS_2);
        fixture.champion(IRIS_1);
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    @Test
    void isReadyBeforeAnythingIsLoadedAndLoadsWithTheFirstRequest() {
        fixture.startAndAwaitReady();
        assertThat(fixture.store.downloads()).isEmpty();
        assertThat(fixture.phase(IRIS_1)).isEqualTo(ModelState.Phase.DECLARED);
        assertThat(fixture.predictByChampion(IRIS_1).toCompletableFuture().join())
                .isEqualTo(IRIS_1);
        assertThat(fixture.phase(IRIS_1)).isEqualTo(ModelState.Phase.READY);
    }

    @Test
    void loadsAndChecksANewTargetBeforeItsRouteMoves() throws Exception {
        fixture.startAndAwaitReady();
        fixture.store.put("models/iris/2/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
        fixture.champion(IRIS_2);
        await(() -> fixture.entry(IRIS_1).state().reason().orElse("").contains("version 2, which is FAILED"));
        assertThat(fixture.predictByChampion(IRIS_1).toCompletableFuture().join())
                .isEqualTo(IRIS_1);
    }

    @Test
    void fallsBackToThePreviousVersionWhenTheChampionFailsOnItsFirstRequest() throws Exception {
        fixture.champion(IRIS_2);
        fixture.store.put("models/iris/2/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
        fixture.startAndAwaitReady();
        assertThat(fixture.failure(IRIS_2)).hasMessageContaining("sha256");
        await(() -> fixture.predictByChampion(IRIS_1)
                .handle((answer, failure) -> IRIS_1.equals(answer))
                .toCompletableFuture()
                .join());
    }
}
