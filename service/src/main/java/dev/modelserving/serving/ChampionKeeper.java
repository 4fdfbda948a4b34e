package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.RegistrySnapshot;
import dev.modelserving.registry.VersionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the routes follow the registry: a model's champion is loaded and checked off the request path, and only then
 * does its route move. While the new target loads, or when it fails, what was served goes on being served; a model that
 * was not served yet falls back to the champion's previous version. A route stays when its version is evicted.
 *
 * <p>With lazy loading, the champions that are there at the start are routed to at once, and loaded by their first
 * request. What changes later is loaded and checked first, as always.
 *
 * <p>{@link #reconcile()} belongs to one thread; the routes are read by any.
 */
final class ChampionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ChampionKeeper.class);

    private final RegistryFollower follower;
    private final ModelCache cache;
    private final boolean lazy;

    private volatile Routes routes = Routes.NONE;

    /** Whether the champions that were there at the start have their routes. */
    private boolean begun;

    ChampionKeeper(RegistryFollower follower, ModelCache cache, boolean lazy) {
        this.follower = follower;
        this.cache = cache;
        this.lazy = lazy;
    }

    /**
     * How far the champions are.
     *
     * @param waiting for what, until each that the registry names was loaded, or failed for a reason of its own
     * @param failed those that failed
     */
    record Progress(Optional<String> waiting, List<ModelRef> failed) {}

    Routes routes() {
        return routes;
    }

    /** Leaves nothing to be found; for the end. */
    void clearRoutes() {
        routes = Routes.NONE;
    }

    /** Begins to load what is missing, and moves the routes to what is there. Does not block. */
    Progress reconcile() {
        RegistrySnapshot snapshot = follower.snapshot();
        Round round = new Round();
        for (RegisteredModel model : snapshot.models().values()) {
            Optional<ModelSlot> served = served(model);
            round.target(model, served).or(() -> served).ifPresent(route -> round.routes.put(model.id(), route));
        }
        round.routes.values().forEach(route -> round.routed.add(route.ref()));
        swap(new Routes(round.routes));
        begun |= follower.health().lastRead().isPresent();
        round.kept.addAll(round.routed);
        cache.need(
                new ModelCache.Needs(round.routed, round.kept),
                ref -> snapshot.version(ref).isPresent());
        return new Progress(round.waiting, round.failed);
    }

    /** What answers for the model, if it still should and can. */
    private Optional<ModelSlot> served(RegisteredModel model) {
        return routes.champion(model.id())
                .filter(route -> model.champion().isPresent())
                .filter(route -> route.isChecked() || !hasFailed(route));
    }

    private static boolean hasFailed(ModelSlot slot) {
        return slot.state().phase() == ModelState.Phase.FAILED;
    }

    /** What is found while the models are looked at one by one. */
    private final class Round {
        private final Map<ModelId, ModelSlot> routes = new HashMap<>();
        private final Set<ModelRef> routed = new HashSet<>();
        private final Set<ModelRef> kept = new HashSet<>();
        private final List<ModelRef> failed = new ArrayList<>();
        private Optional<String> waiting = follower.health().lastRead().isPresent()
                ? Optional.empty()
                : Optional.of("the registry has not been read yet");

        /** The first of the candidates that can answer; nothing while one before it is not known to fail. */
        Optional<ModelSlot> target(RegisteredModel model, Optional<ModelSlot> served) {
            model.champion()
                    .flatMap(AliasRecord::previousVersion)
                    .ifPresent(previous -> kept.add(new ModelRef(model.id(), previous)));
            for (ModelVersion candidate : candidates(model, served.isEmpty())) {
                ModelRef ref = new ModelRef(model.id(), candidate);
                routed.add(ref);
                Optional<VersionRecord> record =
                        model.version(candidate).filter(version -> version.status() == VersionRecord.Status.VERIFIED);
                if (record.isEmpty()) {
                    continue;
                }
                ModelSlot slot = cache.slot(record.get());
                if (slot.isChecked() || mayWaitForRequests(slot, served)) {
                    return Optional.of(slot);
                }
                CompletableFuture<LoadedModel> loading = cache.load(record.get());
                if (!loading.isCompletedExceptionally()) {
                    if (!loading.isDone()) {
                        waitFor(slot);
                    }
                    return Optional.of(slot).filter(ModelSlot::isChecked);
                }
                if (slot.hasFailedFromOutside()) {
                    waitFor(slot);
                }
                failed.add(ref);
            }
            return Optional.empty();
        }

        private void waitFor(ModelSlot slot) {
            ModelState state = slot.state();
            waiting = waiting.or(() -> Optional.of(slot.ref() + " is " + state.phase()
                    + state.reason().map(reason -> ": " + reason).orElse("")));
        }

        private boolean mayWaitForRequests(ModelSlot slot, Optional<ModelSlot> served) {
            boolean isRouted = served.isPresent() && served.get() == slot;
            return lazy && !hasFailed(slot) && (isRouted || (served.isEmpty() && !begun));
        }
    }

    /** What the champion alias names; and before anything is served, the version that it named before. */
    private static List<ModelVersion> candidates(RegisteredModel model, boolean fallBack) {
        Optional<AliasRecord> champion = model.champion();
        if (champion.isEmpty()) {
            return List.of();
        }
        ModelVersion version = champion.get().version();
        return champion.get()
                .previousVersion()
                .filter(previous -> fallBack && !previous.equals(version))
                .map(previous -> List.of(version, previous))
                .orElse(List.of(version));
    }

    private void swap(Routes next) {
        Routes before = routes;
        routes = next;
        next.champions().forEach((id, slot) -> {
            Optional<ModelSlot> old = before.champion(id);
            if (old.isEmpty() || !old.get().ref().equals(slot.ref())) {
                String change = old.map(
                                was -> " in place of version " + was.ref().version())
                        .orElse("");
                LOG.info("{} is served{}", slot.ref(), change);
            }
        });
        before.champions().forEach((id, slot) -> {
            if (next.champion(id).isEmpty()) {
                LOG.info("{} is served no more", slot.ref());
            }
        });
    }
}
