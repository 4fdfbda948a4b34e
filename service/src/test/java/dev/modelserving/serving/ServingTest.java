package dev.modelserving.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.SampleFolders;
import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.InMemoryArtifactStore;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.InMemoryModelRegistry;
import dev.modelserving.registry.InMemoryReplicaRegistry;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.settings.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingTest {
    private static final ModelId IRIS = new ModelId("iris");
    private static final ModelRef IRIS_1 = ModelRef.of("iris", 1);
    private static final ModelRef IRIS_2 = ModelRef.of("iris", 2);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final InMemoryArtifactStore store = new InMemoryArtifactStore();
    private final InMemoryReplicaRegistry replicas = new InMemoryReplicaRegistry();
    private final InMemoryModelRegistry registry = new InMemoryModelRegistry();
    private final ModelRegistration registration = new ModelRegistration(store, registry);
    private Serving serving;

    @BeforeEach
    void start() throws Exception {
        Settings settings = Settings.fromEnvironment(Map.of(
                "ARTIFACTS_BUCKET", "artifacts",
                "GOLD_BUCKET", "gold-bucket",
                "MODEL_REGISTRY_TABLE", "registry",
                "MODEL_CACHE_DIR", directory.toString(),
                "INFERENCE_THREADS", "1",
                "INFERENCE_QUEUE_SIZE", "2",
                "REGISTRY_POLL_INTERVAL", "50ms"));
        registration.register(IRIS_1, SampleFolders.IRIS_1, "flowers");
        registration.register(IRIS_2, SampleFolders.IRIS_2, "flowers");
        serving = new Serving(
                settings,
                new RegistryFollower(registry, Clock.systemUTC()),
                replicas,
                new ReplicaId("here", "127.0.0.1"),
                new ArtifactCache(store, directory, 1 << 28),
                TensorMemory::collected,
                Clock.systemUTC());
    }

    @AfterEach
    void stop() throws InterruptedException {
        assertThat(serving.finish(LONG)).isTrue();
        serving.close();
    }

    @Test
    void isReadyOnceEveryChampionWasTried() throws Exception {
        assertThat(serving.isReady()).isFalse();
        champion(IRIS_1);
        startAndAwaitReady();
        assertThat(answer(Optional.empty())).isEqualTo(IRIS_1);
        serving.beginDraining();
        assertThat(serving.isReady()).isFalse();
        assertThat(serving.hasStarted()).isTrue();
    }

    @Test
    void isReadyWithoutAnyChampion() {
        startAndAwaitReady();
        assertThat(failure(IRIS, Optional.empty())).satisfies(e -> {
            assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
            assertThat(e).hasMessageContaining("no champion").hasMessageContaining("[1, 2]");
        });
    }

    @Test
    void followsThePromotionOfANewVersion() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        champion(IRIS_2);
        await(() -> answer(Optional.empty()).equals(IRIS_2));
    }

    @Test
    void servesTwoVersionsAtOnce() throws Exception {
        champion(IRIS_2);
        startAndAwaitReady();
        assertThat(answer(Optional.empty())).isEqualTo(IRIS_2);
        assertThat(answer(Optional.of(new ModelVersion(1)))).isEqualTo(IRIS_1);
        assertThat(answer(Optional.of(new ModelVersion(2)))).isEqualTo(IRIS_2);
    }

    @Test
    void staysOnTheOldVersionWhenTheCandidateIsCorrupt() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        store.put("models/iris/2/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
        champion(IRIS_2);
        await(() -> entry().state().reason().orElse("").contains("sha256"));
        assertThat(answer(Optional.empty())).isEqualTo(IRIS_1);
        assertThat(entry().version()).contains(new ModelVersion(1));
        assertThat(entry().state().phase()).isEqualTo(ModelState.Phase.READY);
    }

    @Test
    void fallsBackToThePreviousVersionWhenTheChampionFailsAtTheStart() throws Exception {
        champion(IRIS_1);
        champion(IRIS_2);
        store.put("models/iris/2/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
        startAndAwaitReady();
        await(() -> answer(Optional.empty()).equals(IRIS_1));
        assertThat(entry().state().reason())
                .hasValueSatisfying(why -> assertThat(why).contains("version 2", "FAILED"));
    }

    @Test
    void saysWhyAModelCannotBeServed() throws Exception {
        champion(IRIS_1);
        store.put("models/iris/1/model.onnx", "garbage".getBytes(StandardCharsets.UTF_8));
        startAndAwaitReady();
        InferenceException e = failure(IRIS, Optional.empty());
        assertThat(e.kind()).isEqualTo(Kind.NOT_READY);
        assertThat(e).hasMessageContaining("sha256");
        assertThat(entry().state().phase()).isEqualTo(ModelState.Phase.FAILED);
    }

    @Test
    void recoversWhenTheRegistrationIsMended() throws Exception {
        registry.write(
                new VersionRecord(
                        IRIS_1,
                        VersionRecord.Status.VERIFIED,
                        "",
                        "models/iris/1/",
                        List.of(),
                        null,
                        "files are missing",
                        7),
                Instant.now());
        champion(IRIS_1);
        startAndAwaitReady();
        assertThat(failure(IRIS, Optional.empty())).hasMessageContaining("files are missing");
        registration.register(IRIS_1, SampleFolders.IRIS_1, "flowers");
        VersionRecord mended = new RegistryFollowerReading(registry).version(IRIS_1);
        registry.write(
                new VersionRecord(
                        IRIS_1, VersionRecord.Status.VERIFIED, "", "models/iris/1/", mended.files(), null, null, 9),
                Instant.now());
        await(() -> serving.catalog().served().get(0).state().phase() == ModelState.Phase.READY);
        assertThat(answer(Optional.empty())).isEqualTo(IRIS_1);
    }

    @Test
    void servesNoMoreWhatHasNoChampionAnyMore() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        registry.delete(new AliasRecord(IRIS, AliasRecord.CHAMPION, new ModelVersion(1), null, 1));
        registry.write(new AliasRecord(IRIS, "other", new ModelVersion(1), null, 1), Instant.now());
        stop();
        start();
        startAndAwaitReady();
        assertThat(serving.catalog().served()).isEmpty();
        assertThat(serving.catalog().detail(IRIS))
                .hasValueSatisfying(
                        detail -> assertThat(detail.entry().state().reason()).contains("the model has no champion"));
    }

    @Test
    void namesTheNearestModelsAndTheVersionsThatThereAre() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        assertThat(failure(new ModelId("irsi"), Optional.empty())).hasMessageContaining("the nearest: iris");
        assertThat(failure(new ModelId("zebra"), Optional.empty())).hasMessage("there is no model 'zebra'");
        assertThat(failure(IRIS, Optional.of(new ModelVersion(9)))).hasMessageContaining("its versions: [1, 2]");
    }

    @Test
    void refusesAVersionThatIsNotVerifiedAndSaysWhatItIs() throws Exception {
        registry.write(
                new VersionRecord(
                        ModelRef.of("iris", 3),
                        VersionRecord.Status.REJECTED,
                        "too slow",
                        "p/",
                        List.of(),
                        null,
                        null,
                        1),
                Instant.now());
        champion(IRIS_1);
        startAndAwaitReady();
        InferenceException e = failure(IRIS, Optional.of(new ModelVersion(3)));
        assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(e).hasMessageContaining("REJECTED: too slow");
    }

    @Test
    void loadsAColdVersionOnceForAllWhoAskAtTheSameTime() throws Exception {
        champion(IRIS_2);
        startAndAwaitReady();
        List<CompletableFuture<ModelRef>> answers = IntStream.range(0, 2)
                .mapToObj(i ->
                        predict(IRIS, Optional.of(new ModelVersion(1)), LONG).toCompletableFuture())
                .toList();
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(IRIS_1));
        assertThat(store.downloads())
                .filteredOn("models/iris/1/model.onnx"::equals)
                .hasSize(1);
    }

    @Test
    void tellsCallersToComeLaterWhenTheQueueIsFull() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<CompletionStage<ModelRef>> accepted = new ArrayList<>();
        accepted.add(ask(LONG, () -> {
                    running.countDown();
                    awaitLatch(goOn);
                    return request();
                })
                .model());
        awaitLatch(running);
        accepted.add(predict(IRIS, Optional.empty(), LONG));
        accepted.add(predict(IRIS, Optional.empty(), LONG));
        InferenceException e = failure(IRIS, Optional.empty());
        goOn.countDown();
        assertThat(e.kind()).isEqualTo(Kind.OVERLOADED);
        assertThat(accepted)
                .allSatisfy(answer ->
                        assertThat(answer.toCompletableFuture().join()).isEqualTo(IRIS_1));
    }

    @Test
    void givesUpAtTheDeadline() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        CountDownLatch goOn = new CountDownLatch(1);
        Asked slow = ask(Duration.ofMillis(50), () -> {
            awaitLatch(goOn);
            return request();
        });
        InferenceException e = failure(slow.model());
        assertThat(slow.closed()).as("what it reads may still be in use").isNotDone();
        goOn.countDown();
        assertThat(slow.closed().join()).isTrue();
        assertThat(e.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    }

    @Test
    void keepsARetiredModelInMemoryUntilItsLastLeaseEnds() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Asked answer = ask(LONG, () -> {
            running.countDown();
            awaitLatch(goOn);
            return request();
        });
        awaitLatch(running);
        champion(IRIS_2);
        await(() -> entry().version().equals(Optional.of(new ModelVersion(2))));
        goOn.countDown();
        assertThat(answer.join().response().outputs()).hasSize(2);
    }

    @Test
    void passesOnWhatTheRequestFailedWith() throws Exception {
        champion(IRIS_1);
        startAndAwaitReady();
        Asked asked = ask(LONG, () -> {
            throw new InferenceException(Kind.INVALID_INPUT, "no");
        });
        InferenceException e = failure(asked.model());
        assertThat(asked.closed().join()).isTrue();
        assertThat(e).hasMessage("no");
    }

    /** What the follower would read of one version. */
    private record RegistryFollowerReading(InMemoryModelRegistry registry) {
        VersionRecord version(ModelRef ref) throws Exception {
            RegistryFollower follower = new RegistryFollower(registry, Clock.systemUTC());
            follower.poll();
            return follower.snapshot().version(ref).orElseThrow();
        }
    }

    private void champion(ModelRef ref) throws Exception {
        registration.point(AliasRecord.CHAMPION, ref, "test");
    }

    private void startAndAwaitReady() {
        serving.start(8080, (requests, limit) -> {});
        await(serving::isReady);
    }

    private ModelRef answer(Optional<ModelVersion> version) {
        return predict(IRIS, version, LONG).toCompletableFuture().join();
    }

    private CompletionStage<ModelRef> predict(ModelId id, Optional<ModelVersion> version, Duration timeout) {
        return Asked.of(serving.engine(), id, version, timeout, ServingTest::request)
                .thenApply(answer -> {
                    assertThat(answer.response().outputs()).hasSize(2);
                    return answer.model();
                });
    }

    private Asked ask(Duration timeout, Supplier<InferenceRequest> request) {
        return Asked.of(serving.engine(), IRIS, Optional.empty(), timeout, request);
    }

    private InferenceException failure(ModelId id, Optional<ModelVersion> version) {
        return failure(predict(id, version, LONG));
    }

    private static InferenceException failure(CompletionStage<?> answer) {
        CompletionException e = Objects.requireNonNull(catchThrowableOfType(
                CompletionException.class, () -> answer.toCompletableFuture().join()));
        return (InferenceException) Objects.requireNonNull(e.getCause());
    }

    private ModelCatalog.Entry entry() {
        return serving.catalog().served().get(0);
    }

    private static InferenceRequest request() {
        ByteBuffer data = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        return new InferenceRequest(
                Map.of("features", new Tensor.Numbers(TensorType.FP32, Shape.of(1, 4), data)), List.of());
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        org.awaitility.Awaitility.await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }
}
