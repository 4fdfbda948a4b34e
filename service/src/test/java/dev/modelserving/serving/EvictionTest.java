package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.ReplicaReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that do not fit into memory together. Each takes 128 KiB and a little; 300 KiB hold two. */
class EvictionTest {
    private static final ModelRef A = ModelRef.of("a", 1);
    private static final ModelRef B = ModelRef.of("b", 1);
    private static final ModelRef C = ModelRef.of("c", 1);

    @TempDir
    private Path directory;

    private ServingFixture withRoomForTwo() throws Exception {
        ServingFixture fixture = new ServingFixture(directory, Map.of("MODEL_MEMORY_MAX_BYTES", "300 KiB"));
        for (ModelRef ref : List.of(A, B, C)) {
            fixture.register(ref, SampleFolders.IRIS_1);
            fixture.champion(ref);
        }
        return fixture;
    }

    @Test
    void triesEveryChampionThoughTheyDoNotFitTogether() throws Exception {
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            assertThat(List.of(A, B, C))
                    .extracting(fixture::phase)
                    .containsOnly(ModelState.Phase.READY, ModelState.Phase.EVICTED)
                    .containsOnlyOnce(ModelState.Phase.EVICTED);
        }
    }

    @Test
    void evictsTheModelThatWasNotUsedForTheLongestAndLoadsItAgainOnDemand() throws Exception {
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            for (ModelRef ref : List.of(A, B, C)) {
                assertThat(fixture.answer(ref)).isEqualTo(ref);
            }
            assertThat(fixture.phase(A)).isEqualTo(ModelState.Phase.EVICTED);
            assertThat(fixture.phase(B)).isEqualTo(ModelState.Phase.READY);
            assertThat(fixture.phase(C)).isEqualTo(ModelState.Phase.READY);

            fixture.answer(B);
            assertThat(fixture.answer(A)).isEqualTo(A);
            assertThat(fixture.phase(C)).isEqualTo(ModelState.Phase.EVICTED);
            assertThat(fixture.phase(B)).isEqualTo(ModelState.Phase.READY);
        }
    }

    @Test
    void stillTellsWhatAnEvictedModelTakesAndReportsItAsReady() throws Exception {
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            for (ModelRef ref : List.of(A, B, C)) {
                fixture.answer(ref);
            }
            assertThat(fixture.entry(A).signature()).isPresent();
            assertThat(fixture.entry(A).memory()).isEmpty();
            await(() -> fixture.replicas.live(java.time.Instant.now()).stream()
                    .anyMatch(replica -> replica.models().size() == 3
                            && replica.models().values().stream()
                                    .allMatch(model -> model.state().equals(ReplicaReport.READY))));
        }
    }

    @Test
    void neverEvictsAModelInUseAndSaysThatThereIsNoMemory() throws Exception {
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            CountDownLatch goOn = new CountDownLatch(1);
            CountDownLatch running = new CountDownLatch(2);
            List<CompletionStage<ModelRef>> busy = List.of(A, B).stream()
                    .<CompletionStage<ModelRef>>map(ref -> Asked.of(
                                    fixture.serving().engine(), ref.id(), Optional.empty(), ServingFixture.LONG, () -> {
                                        running.countDown();
                                        try {
                                            goOn.await();
                                        } catch (InterruptedException e) {
                                            throw new IllegalStateException(e);
                                        }
                                        return ServingFixture.request();
                                    })
                            .model())
                    .toList();
            running.await();

            InferenceException refused = fixture.failure(C);
            assertThat(refused.kind()).isEqualTo(Kind.NOT_READY);
            assertThat(refused)
                    .hasMessageContaining("there is no memory for c/1 now")
                    .hasMessageContaining("KiB are taken by models in use");
            goOn.countDown();
            assertThat(busy).allSatisfy(answer -> answer.toCompletableFuture().join());
            await(() -> fixture.predictByChampion(C)
                    .handle((answer, failure) -> failure == null)
                    .toCompletableFuture()
                    .join());
        }
    }

    @Test
    void refusesWithTheArithmeticWhatCanNeverFit() throws Exception {
        try (ServingFixture fixture = new ServingFixture(directory, Map.of("MODEL_MEMORY_MAX_BYTES", "100 KiB"))) {
            fixture.register(A, SampleFolders.IRIS_1);
            fixture.champion(A);
            fixture.startAndAwaitReady();
            assertThat(fixture.failure(A))
                    .hasMessageMatching(
                            ".*it can never fit into memory: it needs 1\\d\\d KiB \\(twice its files while it is"
                                    + " loaded\\), and models may take 100 KiB here \\(MODEL_MEMORY_MAX_BYTES\\)");
            assertThat(fixture.store.downloads()).isEmpty();
        }
    }

    @Test
    void staysOnTheOldVersionWhenTheTargetNeedsMoreMemoryThanThereIs(@TempDir Path big) throws Exception {
        ModelRef target = ModelRef.of("a", 2);
        Files.copy(SampleFolders.IRIS_1.resolve("model.onnx"), big.resolve("model.onnx"));
        Files.write(big.resolve("model.onnx.data"), new byte[200 << 10]);
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            fixture.register(target, big);
            fixture.champion(target);
            await(() -> fixture.entry(A).state().reason().orElse("").contains("it can never fit into memory"));
            assertThat(fixture.predictByChampion(A).toCompletableFuture().join())
                    .isEqualTo(A);
        }
    }

    @Test
    void loadsOnceForFiftyWhoAskForAnEvictedModelAtTheSameTime() throws Exception {
        try (ServingFixture fixture = withRoomForTwo()) {
            fixture.startAndAwaitReady();
            for (ModelRef ref : List.of(A, B, C)) {
                fixture.answer(ref);
            }
            List<CompletableFuture<ModelRef>> answers = IntStream.range(0, 50)
                    .mapToObj(i -> fixture.predictByChampion(A).toCompletableFuture())
                    .toList();
            assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(A));
        }
    }

    @Test
    void saysHowTheBudgetComesAbout() {
        MemoryBudget budget = MemoryBudget.of(2048L << 20, 512L << 20);
        assertThat(budget.bytes()).isEqualTo(1280L << 20);
        assertThat(budget.arithmetic())
                .isEqualTo("2048.0 MiB of memory, less 512.0 MiB of heap and 256.0 MiB for everything else");
        assertThat(MemoryBudget.of(0).bytes()).isPositive();
    }
}
