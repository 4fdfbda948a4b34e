package dev.modelserving.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.InMemoryArtifactStore;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
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
import dev.modelserving.runtime.ThisRuntime;
import dev.modelserving.settings.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/**
 * The serving stage on a store and a registry in memory. Native memory is not measured, so that a version takes what its
 * files and the overhead say.
 */
final class ServingFixture implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);

    final InMemoryArtifactStore store = new InMemoryArtifactStore();
    final InMemoryModelRegistry registry = new InMemoryModelRegistry();
    final InMemoryReplicaRegistry replicas = new InMemoryReplicaRegistry();
    final ModelRegistration registration = new ModelRegistration(store, registry);
    private final Path directory;
    private final Map<String, String> variables;
    private WarmUp warmUp = (requests, limit) -> {};
    private Serving serving;

    ServingFixture(Path directory, Map<String, String> variables) throws Exception {
        this.directory = directory;
        this.variables = variables;
        serving = create();
    }

    private Serving create() throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "ARTIFACTS_BUCKET", "artifacts",
                "GOLD_BUCKET", "gold-bucket",
                "MODEL_REGISTRY_TABLE", "registry",
                "MODEL_CACHE_DIR", directory.toString(),
                "WARM_UP_LIMIT", "1s",
                "REGISTRY_POLL_INTERVAL", "50ms"));
        environment.putAll(variables);
        return new Serving(
                Settings.fromEnvironment(environment),
                new RegistryFollower(registry, Clock.systemUTC()),
                replicas,
                new ReplicaId("here", "127.0.0.1"),
                new ArtifactCache(store, directory, 1 << 28),
                OptionalLong::empty,
                ThisRuntime::kind,
                TensorMemory::collected,
                Clock.systemUTC());
    }

    Serving serving() {
        return serving;
    }

    void register(ModelRef ref, Path folder) throws Exception {
        registration.register(ref, folder, "");
    }

    void champion(ModelRef ref) throws Exception {
        registration.point(AliasRecord.CHAMPION, ref, "test");
    }

    void warmUpWith(WarmUp other) {
        warmUp = other;
    }

    void start() {
        serving.start(8080, warmUp);
    }

    void startAndAwaitReady() {
        start();
        await(() -> serving.isReady() && serving.isIdle());
    }

    /** The replica goes and comes back with the same cache folder. */
    void restart() throws Exception {
        close();
        serving = create();
        startAndAwaitReady();
    }

    /** Which version answered a request for one flower; afterwards nothing is in use, so that all may be evicted. */
    ModelRef answer(ModelRef ref) {
        ModelRef answered = predict(ref).toCompletableFuture().join();
        await(serving::isIdle);
        return answered;
    }

    CompletionStage<ModelRef> predict(ModelRef ref) {
        return predict(ref, Optional.of(ref.version()));
    }

    CompletionStage<ModelRef> predictByChampion(ModelRef ref) {
        return predict(ref, Optional.empty());
    }

    private CompletionStage<ModelRef> predict(ModelRef ref, Optional<ModelVersion> version) {
        return Asked.of(serving.engine(), ref.id(), version, LONG, ServingFixture::request)
                .thenApply(answer -> {
                    assertThat(answer.response().outputs()).hasSize(2);
                    return answer.model();
                });
    }

    InferenceException failure(ModelRef ref) {
        CompletionException e = Objects.requireNonNull(catchThrowableOfType(
                CompletionException.class,
                () -> predictByChampion(ref).toCompletableFuture().join()));
        return (InferenceException) Objects.requireNonNull(e.getCause());
    }

    static InferenceRequest request() {
        ByteBuffer data = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        return new InferenceRequest(
                Map.of("features", new Tensor.Numbers(TensorType.FP32, Shape.of(1, 4), data)), List.of());
    }

    /** The entry of {@code GET /models}. */
    ModelCatalog.Entry entry(ModelRef ref) {
        return serving.catalog().served().stream()
                .filter(entry -> entry.id().equals(ref.id()))
                .findFirst()
                .orElseThrow();
    }

    ModelState.Phase phase(ModelRef ref) {
        return entry(ref).state().phase();
    }

    static void await(BooleanSupplier condition) {
        Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(condition::getAsBoolean);
    }

    @Override
    public void close() {
        try {
            assertThat(serving.finish(LONG)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        serving.close();
    }
}
