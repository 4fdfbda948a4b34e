package dev.modelserving.serving;

import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.RegistryException;
import dev.modelserving.registry.ReplicaRegistry;
import dev.modelserving.registry.ReplicaReport;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the service was ready once: the registry was read, every champion was tried, and all is warm. A champion that fails here and
 * answers on another replica holds it up, because the fault is then this build's or this machine's, and a deployment has
 * to notice; one that answers nowhere does not.
 *
 * <p>Updated by one thread, read by any.
 */
final class Readiness {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

    private final ReplicaRegistry replicas;
    private final String ownTaskId;
    private final Clock clock;
    private final BooleanSupplier isWarm;
    private final Runnable whenReached;

    private volatile boolean reached;
    private volatile String obstacle = "the registry has not been read yet";

    /**
     * @param isWarm begins to warm up, unless that has begun or is done; says whether it is done
     * @param whenReached is run once
     */
    Readiness(ReplicaRegistry replicas, String ownTaskId, Clock clock, BooleanSupplier isWarm, Runnable whenReached) {
        this.replicas = replicas;
        this.ownTaskId = ownTaskId;
        this.clock = clock;
        this.isWarm = isWarm;
        this.whenReached = whenReached;
    }

    /** Never false again. */
    boolean isReached() {
        return reached;
    }

    /** Why it is not reached yet. */
    String obstacle() {
        return obstacle;
    }

    /** Blocks on the network when a champion has failed. */
    void update(ChampionKeeper.Progress progress) {
        if (reached) {
            return;
        }
        String before = obstacle;
        if (progress.waiting().isPresent()) {
            obstacle = progress.waiting().get();
            return;
        }
        Optional<String> found = progress.failed().isEmpty() ? Optional.empty() : elsewhereReady(progress.failed());
        if (found.isEmpty() && !isWarm.getAsBoolean()) {
            obstacle = "warming up";
        } else if (found.isEmpty()) {
            reached = true;
            LOG.info("ready");
            whenReached.run();
        } else if (!found.get().equals(before)) {
            obstacle = found.get();
            LOG.error("not ready: {}", obstacle);
        }
    }

    private Optional<String> elsewhereReady(List<ModelRef> failed) {
        try {
            for (ReplicaReport replica : replicas.live(clock.instant())) {
                for (ModelRef ref : failed) {
                    if (!replica.taskId().equals(ownTaskId) && replica.isReady(ref.id(), ref.version())) {
                        return Optional.of(ref + " fails here and is READY on replica " + replica.taskId()
                                + ": what differs is this build or this machine");
                    }
                }
            }
            return Optional.empty();
        } catch (RegistryException e) {
            return Optional.of("a champion failed, and the other replicas' reports cannot be read: " + e.getMessage());
        }
    }
}
