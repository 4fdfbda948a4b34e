package dev.modelserving.serving;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.RegistrySnapshot;
import dev.modelserving.registry.VersionRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers predictions: finds the loaded version, computes on the caller's thread what is known to take no time worth a
 * change of threads, lets everything else wait in a bounded queue for a thread of its own, and gives up at the deadline.
 * Safe for use by several threads; no method blocks.
 */
public final class InferenceEngine {
    private final ChampionKeeper keeper;
    private final RegistryFollower follower;
    private final ModelCache cache;
    private final InferenceThreads threads;
    private final CacheUsage usage;
    private final AtomicInteger waitingForModel = new AtomicInteger();

    InferenceEngine(
            ChampionKeeper keeper,
            RegistryFollower follower,
            ModelCache cache,
            InferenceThreads threads,
            CacheUsage usage) {
        this.keeper = keeper;
        this.follower = follower;
        this.cache = cache;
        this.threads = threads;
        this.usage = usage;
    }

    /**
     * Runs {@code prediction} with the champion of {@code id}, or with the version that is named. A version that is not
     * in memory is loaded first. The prediction is told its answer, or the {@link InferenceException} that says why there
     * is none, before this method returns or later.
     *
     * @param timeout for everything, from now
     */
    public void predict(ModelId id, Optional<ModelVersion> version, Duration timeout, Prediction prediction) {
        PendingPrediction pending = new PendingPrediction(prediction, timeout, threads);
        Optional<ModelLease> lease = leaseNow(id, version);
        usage.count(lease.isPresent());
        if (lease.isPresent()) {
            pending.begin(lease.get());
        } else {
            beginWhenLoaded(id, version, pending);
        }
    }

    /** A lease on what is in memory; a slot that was retired gives none any more, and then the route has moved. */
    private Optional<ModelLease> leaseNow(ModelId id, Optional<ModelVersion> version) {
        Optional<ModelSlot> tried = Optional.empty();
        while (true) {
            Optional<ModelSlot> slot = slot(id, version);
            if (slot.isEmpty() || slot.equals(tried)) {
                return Optional.empty();
            }
            Optional<ModelLease> lease = slot.get().lease();
            if (lease.isPresent()) {
                return lease;
            }
            tried = slot;
        }
    }

    private Optional<ModelSlot> slot(ModelId id, Optional<ModelVersion> version) {
        Optional<ModelSlot> champion = keeper.routes().champion(id);
        if (version.isEmpty()) {
            return champion;
        }
        return champion.filter(slot -> version.get().equals(slot.ref().version()))
                .or(() -> onDemand(new ModelRef(id, version.get())));
    }

    private Optional<ModelSlot> onDemand(ModelRef ref) {
        return follower.snapshot()
                .version(ref)
                .filter(record -> record.status() == VersionRecord.Status.VERIFIED)
                .flatMap(record -> cache.find(ref));
    }

    private void beginWhenLoaded(ModelId id, Optional<ModelVersion> version, PendingPrediction pending) {
        if (waitingForModel.incrementAndGet() > threads.queueSize()) {
            waitingForModel.decrementAndGet();
            pending.end(new InferenceException(
                    Kind.OVERLOADED, "too many predictions are waiting for models to load; try again later"));
            return;
        }
        pending.await(waitingForModel::decrementAndGet);
        load(id, version, pending);
    }

    /** What is loaded may be evicted before it is leased here, when others need the memory too; then once more. */
    private void load(ModelId id, Optional<ModelVersion> version, PendingPrediction pending) {
        try {
            VersionRecord record = toLoad(id, version);
            cache.load(record).whenComplete((model, failure) -> {
                if (failure != null) {
                    pending.giveUp(new InferenceException(
                            Kind.NOT_READY, record.ref() + " cannot be served now: " + ModelCache.reason(failure)));
                    return;
                }
                Optional<ModelLease> lease = model.lease().or(() -> leaseNow(id, version));
                if (lease.isPresent()) {
                    pending.resume(lease.get());
                } else if (!pending.isDone()) {
                    load(id, version, pending);
                }
            });
        } catch (InferenceException e) {
            pending.giveUp(e);
        }
    }

    /** Where requests without a version are routed to a version, that one; it may be another than the alias names. */
    private VersionRecord toLoad(ModelId id, Optional<ModelVersion> version) {
        Optional<ModelSlot> routed = version.isEmpty() ? keeper.routes().champion(id) : Optional.empty();
        return routed.map(ModelSlot::version).orElseGet(() -> record(id, version));
    }

    /** The version that is asked for, as it is registered; it may be loaded. */
    private VersionRecord record(ModelId id, Optional<ModelVersion> version) {
        RegistrySnapshot snapshot = follower.snapshot();
        if (follower.health().lastRead().isEmpty()) {
            throw new InferenceException(Kind.NOT_READY, "the registry has not been read yet");
        }
        RegisteredModel model = snapshot.model(id).orElseThrow(() -> unknown(id, snapshot));
        ModelVersion wanted = version.or(() -> model.champion().map(alias -> alias.version()))
                .orElseThrow(() -> notFound(
                        "model '" + id + "' has no champion; its versions: "
                                + model.versions().keySet(),
                        new Problem("model_id", "has no champion:", "a champion, or ?version=N", "'" + id + "'")));
        VersionRecord record = model.version(wanted)
                .orElseThrow(() -> notFound(
                        "model '" + id + "' has no version " + wanted + "; its versions: "
                                + model.versions().keySet(),
                        new Problem(
                                "version",
                                "is not registered:",
                                "one of " + model.versions().keySet(),
                                wanted.toString())));
        if (record.status() != VersionRecord.Status.VERIFIED) {
            String why = record.reason().isEmpty() ? "" : ": " + record.reason();
            throw new InferenceException(
                    version.isPresent() ? Kind.NOT_FOUND : Kind.NOT_READY,
                    "version " + wanted + " of model '" + id + "' is " + record.status() + why,
                    List.of(new Problem(
                            "version",
                            wanted + " is",
                            "VERIFIED",
                            record.status().name())));
        }
        return record;
    }

    private static InferenceException unknown(ModelId id, RegistrySnapshot snapshot) {
        List<String> nearest = NearestIds.of(id, snapshot.models().keySet());
        String message = "there is no model " + Excerpt.quoted(id.value())
                + (nearest.isEmpty() ? "" : "; the nearest: " + String.join(", ", nearest));
        String expected = nearest.isEmpty() ? "a registered model" : "a registered model such as " + nearest.get(0);
        return notFound(message, new Problem("model_id", "is not registered:", expected, Excerpt.quoted(id.value())));
    }

    private static InferenceException notFound(String message, Problem problem) {
        return new InferenceException(Kind.NOT_FOUND, message, List.of(problem));
    }
}
