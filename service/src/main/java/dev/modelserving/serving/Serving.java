package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.registry.ReplicaRegistry;
import dev.modelserving.runtime.NativeMemory;
import dev.modelserving.runtime.ThisRuntime;
import dev.modelserving.runtime.ThreadPriorities;
import dev.modelserving.settings.Settings;
import dev.modelserving.verification.LoadMarkers;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts the parts of this package together, starts them, and stops them in the right order. */
public final class Serving {
    private final InferenceThreads threads;
    private final ExecutorService loaders;
    private final ScheduledExecutorService registryThread;
    private final BatchingProver prover;
    private final WarmingUp warmingUp;
    private final ModelCache cache;
    private final ChampionKeeper keeper;
    private final Readiness readiness;
    private final ReplicaReporter reporter;
    private final RegistryLoop loop;
    private final InferenceEngine engine;
    private final ModelCatalog catalog;
    private final Duration pollInterval;

    private volatile @Nullable WarmUp warmUp;
    private volatile boolean draining;
    private volatile Runnable readinessListener = () -> {};

    /** @param tensorMemory gives memory of its own to each batch of predictions */
    public Serving(
            Settings settings,
            RegistryFollower follower,
            ReplicaRegistry replicas,
            ReplicaId replica,
            ArtifactCache artifacts,
            Supplier<TensorMemory> tensorMemory,
            Clock clock) {
        this(
                settings,
                follower,
                replicas,
                replica,
                artifacts,
                NativeMemory::inUse,
                () -> ThisRuntime.kind(settings.threads().intraOp()),
                tensorMemory,
                clock);
    }

    /**
     * @param memoryInUse as {@link NativeMemory#inUse} tells it
     * @param here as {@link ThisRuntime#kind} tells it
     * @param tensorMemory gives memory of its own to each batch of predictions
     */
    Serving(
            Settings settings,
            RegistryFollower follower,
            ReplicaRegistry replicas,
            ReplicaId replica,
            ArtifactCache artifacts,
            Supplier<OptionalLong> memoryInUse,
            Supplier<RuntimeKind> here,
            Supplier<TensorMemory> tensorMemory,
            Clock clock) {
        pollInterval = settings.registryPollInterval();
        threads = new InferenceThreads(settings.threads().inference(), settings.inferenceQueueSize(), tensorMemory);
        // Loading must not slow those who are being answered.
        loaders = Executors.newFixedThreadPool(
                settings.threads().loading(), NamedThreads.of("model-loading", ThreadPriorities::lowerOwn));
        // Nor must looking at the registry, which nobody waits for.
        registryThread =
                Executors.newSingleThreadScheduledExecutor(NamedThreads.of("registry", ThreadPriorities::lowerOwn));

        ConcurrentHashMap<ModelRef, ModelSlot> slots = new ConcurrentHashMap<>();
        ModelMemory memory = new ModelMemory(MemoryBudget.of(settings.loading().memoryMaxBytes()), slots.values());
        LoadMarkers markers = LoadMarkers.open(settings.cache().directory());
        prover = new BatchingProver(here);
        warmingUp = new WarmingUp(settings.warmUpLimit(), NamedThreads.of("warm-up"));
        ModelLoader loader = new ModelLoader(
                artifacts,
                markers,
                memory,
                prover,
                settings.threads().intraOp(),
                memoryInUse,
                clock,
                threads.watch(),
                warmingUp);
        cache = new ModelCache(loader, memory, slots, loaders);
        keeper = new ChampionKeeper(follower, cache, settings.loading().lazy());
        CacheUsage usage = new CacheUsage();
        engine = new InferenceEngine(keeper, follower, cache, threads, usage);
        catalog = new ModelCatalog(follower, keeper, cache);
        readiness = new Readiness(replicas, replica.value(), clock, this::isWarm, () -> readinessListener.run());
        reporter = new ReplicaReporter(replicas, replica, settings.mode().text(), catalog::report, clock);
        loop = new RegistryLoop(follower, keeper, readiness, reporter, () -> usage.logWhenDue(cache), registryThread);
        cache.whenSettled(loop::reconcileSoon);
    }

    public InferenceEngine engine() {
        return engine;
    }

    public ModelCatalog catalog() {
        return catalog;
    }

    /** Whether nothing is being loaded, tried or predicted at this moment. */
    boolean isIdle() {
        return cache.isIdle() && prover.isIdle();
    }

    /** Whether requests are wanted: it was ready once, and this replica is not leaving. */
    public boolean isReady() {
        return hasStarted() && !draining;
    }

    /** Whether it was ready once: the registry was read, every champion was tried, and all is warm. */
    public boolean hasStarted() {
        return readiness.isReached();
    }

    /** Why it has not started yet. */
    public String obstacle() {
        return readiness.obstacle();
    }

    public boolean isDraining() {
        return draining;
    }

    /** {@code listener} is run when {@link #isReady} has another answer. One at most; to be called before {@link #start}. */
    public void whenReadinessChanges(Runnable listener) {
        readinessListener = listener;
    }

    /** From now on it is not ready, and each answer tells its client to go elsewhere; requests are answered as before. */
    public void beginDraining() {
        draining = true;
        readinessListener.run();
    }

    /** Its own requests are nobody's. */
    private void isWarmNow() {
        cache.forgetCounts();
        loop.reconcileSoon();
    }

    private boolean isWarm() {
        return warmingUp.begin(keeper.routes(), Objects.requireNonNull(warmUp), this::isWarmNow);
    }

    /**
     * Begins to follow the registry, to load, and to report.
     *
     * @param httpPort where others reach this replica
     * @param ownRequests is run once, when all models are loaded
     */
    public void start(int httpPort, WarmUp ownRequests) {
        warmUp = ownRequests;
        reporter.listensOn(httpPort);
        loop.start(pollInterval);
    }

    /**
     * Finishes the predictions under way. To be called once no request can come any more; {@link #close} comes next.
     *
     * @return whether every prediction was finished within {@code limit}
     */
    public boolean finish(Duration limit) throws InterruptedException {
        registryThread.shutdownNow();
        loaders.shutdownNow();
        prover.stop(limit);
        boolean finished = threads.drain(limit);
        threads.close();
        registryThread.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
        loaders.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
        return finished;
    }

    /** Takes back this replica's report, and frees the models. */
    public void close() {
        reporter.withdraw();
        keeper.clearRoutes();
        cache.clear();
    }
}
