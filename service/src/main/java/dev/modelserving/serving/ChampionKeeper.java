package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.VersionRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the routes follow the registry: a model's champion is loaded and checked off the request path, and only then
 * does its route move. While the new target loads, or when it fails, what was served goes on being served; a model that
 * was not served yet falls back to the champion's previous version.
 *
 * <p>Everything that changes runs on the one thread of {@code keeper}; the routes are read by any thread.
 */
public final class ChampionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ChampionKeeper.class);

    private final RegistryFollower follower;
    private final ModelCache cache;
    private final ScheduledExecutorService keeper;

    private volatile Routes routes = Routes.NONE;
    private volatile boolean everyChampionTried;

    /** @param keeper has one thread; the caller's to shut down */
    ChampionKeeper(RegistryFollower follower, ModelCache cache, ScheduledExecutorService keeper) {
        this.follower = follower;
        this.cache = cache;
        this.keeper = keeper;
    }

    /** Begins to follow the registry, with {@code pollInterval} between two looks at it. */
    public void start(Duration pollInterval) {
        keeper.scheduleWithFixedDelay(
                () -> guarded(() -> {
                    follower.poll();
                    reconcile();
                }),
                0,
                pollInterval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    Routes routes() {
        return routes;
    }

    /** Whether the registry was read, and each champion that it named then was loaded or failed to. Never false again. */
    public boolean hasTriedEveryChampion() {
        return everyChampionTried;
    }

    /** Leaves nothing to be found; for the end, when the keeper's thread has ended. */
    void clearRoutes() {
        routes = Routes.NONE;
    }

    private void reconcile() {
        Map<ModelId, LoadedModel> next = new HashMap<>();
        Set<ModelRef> wanted = new HashSet<>();
        boolean allTried = follower.health().lastRead().isPresent();
        for (RegisteredModel model : follower.snapshot().models().values()) {
            Optional<LoadedModel> target = Optional.empty();
            for (ModelVersion candidate : candidates(model)) {
                ModelRef ref = new ModelRef(model.id(), candidate);
                wanted.add(ref);
                CompletableFuture<LoadedModel> loading = target(model, candidate);
                allTried &= loading.isDone();
                if (!loading.isCompletedExceptionally()) {
                    target = Optional.ofNullable(loading.getNow(null));
                    break;
                }
            }
            Optional<LoadedModel> served =
                    routes.champion(model.id()).filter(any -> model.champion().isPresent());
            target.or(() -> served).ifPresent(route -> next.put(model.id(), route));
        }
        next.values().forEach(route -> wanted.add(route.ref()));
        swap(new Routes(next));
        cache.need(wanted);
        everyChampionTried |= allTried;
    }

    /** What the champion alias names; and before anything is served, the version that it named before. */
    private Iterable<ModelVersion> candidates(RegisteredModel model) {
        Optional<AliasRecord> champion = model.champion();
        if (champion.isEmpty()) {
            return Set.of();
        }
        ModelVersion version = champion.get().version();
        boolean fallBack = routes.champion(model.id()).isEmpty();
        return champion.get()
                .previousVersion()
                .filter(previous -> fallBack && !previous.equals(version))
                .map(previous -> List.of(version, previous))
                .orElse(List.of(version));
    }

    private CompletableFuture<LoadedModel> target(RegisteredModel model, ModelVersion version) {
        Optional<VersionRecord> record = model.version(version);
        if (record.isEmpty() || record.get().status() != VersionRecord.Status.VERIFIED) {
            return CompletableFuture.failedFuture(new IllegalStateException("not VERIFIED"));
        }
        CompletableFuture<LoadedModel> loading = cache.load(record.get());
        if (!loading.isDone()) {
            loading.whenComplete((loaded, failure) -> reconcileSoon());
        }
        return loading;
    }

    private void reconcileSoon() {
        try {
            keeper.execute(() -> guarded(this::reconcile));
        } catch (RejectedExecutionException e) {
            LOG.debug("a model was loaded after the keeper had stopped");
        }
    }

    private void swap(Routes next) {
        Routes before = routes;
        routes = next;
        next.champions().forEach((id, model) -> {
            Optional<LoadedModel> old = before.champion(id);
            if (old.isEmpty() || !old.get().ref().equals(model.ref())) {
                String change = old.map(
                                was -> " in place of version " + was.ref().version())
                        .orElse("");
                LOG.info("{} is served{}", model.ref(), change);
            }
        });
        before.champions().forEach((id, model) -> {
            if (next.champion(id).isEmpty()) {
                LOG.info("{} is served no more", model.ref());
            }
        });
    }

    /** The keeper's thread must outlive whatever goes wrong in one round. */
    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("following the registry failed, trying again at the next look", e);
        }
    }
}
