package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.settings.Settings;
import dev.modelserving.verification.LoadMarkers;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Puts the parts of this package together, starts them, and stops them in the right order. */
public final class Serving {
    private static final int LOADING_AT_THE_SAME_TIME = 2;

    private final InferenceThreads threads;
    private final ExecutorService loaders;
    private final ScheduledExecutorService keeperThread;
    private final ModelCache cache;
    private final ChampionKeeper keeper;
    private final InferenceEngine engine;
    private final ModelCatalog catalog;
    private final Duration pollInterval;

    private volatile boolean draining;

    public Serving(Settings settings, RegistryFollower follower, ArtifactCache artifacts, Clock clock) {
        pollInterval = settings.registryPollInterval();
        threads = new InferenceThreads(settings.inferenceThreads(), settings.inferenceQueueSize());
        // Loading must not slow those who are being answered.
        loaders = Executors.newFixedThreadPool(
                LOADING_AT_THE_SAME_TIME, NamedThreads.of("model-loading", Thread.MIN_PRIORITY));
        keeperThread = Executors.newSingleThreadScheduledExecutor(NamedThreads.of("registry"));
        cache = new ModelCache(
                new ModelLoader(artifacts, LoadMarkers.open(settings.cache().directory()), clock), loaders, clock);
        keeper = new ChampionKeeper(follower, cache, keeperThread);
        engine = new InferenceEngine(keeper, follower, cache, threads);
        catalog = new ModelCatalog(follower, keeper, cache);
    }

    public InferenceEngine engine() {
        return engine;
    }

    public ModelCatalog catalog() {
        return catalog;
    }

    /** Whether requests are wanted: the registry was read, every champion was tried, and this replica is not leaving. */
    public boolean isReady() {
        return hasStarted() && !draining;
    }

    /** Whether it was ready once. */
    public boolean hasStarted() {
        return keeper.hasTriedEveryChampion();
    }

    public boolean isDraining() {
        return draining;
    }

    /** From now on it is not ready, and each answer tells its client to go elsewhere; requests are answered as before. */
    public void beginDraining() {
        draining = true;
    }

    /** Begins to follow the registry and to load. */
    public void start() {
        keeper.start(pollInterval);
    }

    /**
     * Finishes the predictions under way, then frees the models. To be called once no request can come any more.
     *
     * @return whether every prediction was finished within {@code limit}
     */
    public boolean stop(Duration limit) throws InterruptedException {
        keeperThread.shutdownNow();
        loaders.shutdownNow();
        boolean finished = threads.drain(limit);
        threads.close();
        loaders.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
        keeper.clearRoutes();
        cache.clear();
        return finished;
    }
}
