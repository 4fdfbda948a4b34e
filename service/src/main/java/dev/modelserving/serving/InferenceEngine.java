package dev.modelserving.serving;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.RegistrySnapshot;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers predictions: finds the loaded version, waits in a bounded queue for a thread, runs, and gives up at the
 * deadline. Safe for use by several threads; no method blocks.
 */
public final class InferenceEngine {
    private final ChampionKeeper keeper;
    private final RegistryFollower follower;
    private final ModelCache cache;
    private final InferenceThreads threads;
    private final CacheUsage usage;
    private final AtomicInteger waitingForModel = new AtomicInteger();

    /** A model in the hands of one prediction, on a thread that may compute. */
    public interface Model {
        ModelRef ref();

        ModelSignature signature();

        /** Runs once the request was checked against the signature. */
        InferenceResponse run(InferenceRequest request);
    }

    /** What a caller wants of a model: to read its request against the signature, run it, and write the answer. */
    public interface Prediction<T> {
        T with(Model model);
    }

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
     * in memory is loaded first.
     *
     * @param timeout for everything, from now
     * @return what the prediction gave, completed on the thread that computed; or the {@link InferenceException} that
     *     says why there is no answer
     */
    public <T> CompletionStage<T> predict(
            ModelId id, Optional<ModelVersion> version, Duration timeout, Prediction<T> prediction) {
        RunInterrupt interrupt = new RunInterrupt();
        CompletableFuture<T> answer = new CompletableFuture<>();
        threads.interruptAfter(timeout, answer, interrupt);
        Optional<ModelLease> lease = leaseNow(id, version);
        usage.count(lease.isPresent());
        if (lease.isPresent()) {
            enqueue(lease.get(), prediction, interrupt, answer);
        } else {
            enqueueWhenLoaded(id, version, prediction, interrupt, answer);
        }
        return answer;
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

    private <T> void enqueue(
            ModelLease lease, Prediction<T> prediction, RunInterrupt interrupt, CompletableFuture<T> answer) {
        try {
            threads.execute(() -> compute(lease, prediction, interrupt, answer));
        } catch (RejectedExecutionException e) {
            lease.close();
            answer.completeExceptionally(new InferenceException(
                    Kind.OVERLOADED,
                    "too many predictions are waiting (" + threads.queueSize() + "); try again later"));
        }
    }

    /** The lease ends before the answer is told: whoever has it finds the model idle. */
    private static <T> void compute(
            ModelLease lease, Prediction<T> prediction, RunInterrupt interrupt, CompletableFuture<T> answer) {
        try {
            Optional<T> result;
            try (lease) {
                result = answer.isDone()
                        ? Optional.empty()
                        : Optional.of(prediction.with(new LeasedModel(lease, interrupt)));
            }
            result.ifPresent(answer::complete);
        } catch (OutOfMemoryError e) {
            answer.completeExceptionally(new InferenceException(
                    Kind.OVERLOADED, "there is not enough memory for this request now; try again later"));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    private <T> void enqueueWhenLoaded(
            ModelId id,
            Optional<ModelVersion> version,
            Prediction<T> prediction,
            RunInterrupt interrupt,
            CompletableFuture<T> answer) {
        if (waitingForModel.incrementAndGet() > threads.queueSize()) {
            waitingForModel.decrementAndGet();
            answer.completeExceptionally(new InferenceException(
                    Kind.OVERLOADED, "too many predictions are waiting for models to load; try again later"));
            return;
        }
        answer.whenComplete((done, failure) -> waitingForModel.decrementAndGet());
        loadAndEnqueue(id, version, prediction, interrupt, answer);
    }

    /** What is loaded may be evicted before it is leased here, when others need the memory too; then once more. */
    private <T> void loadAndEnqueue(
            ModelId id,
            Optional<ModelVersion> version,
            Prediction<T> prediction,
            RunInterrupt interrupt,
            CompletableFuture<T> answer) {
        try {
            VersionRecord record = toLoad(id, version);
            cache.load(record).whenComplete((model, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(new InferenceException(
                            Kind.NOT_READY, record.ref() + " cannot be served now: " + ModelCache.reason(failure)));
                    return;
                }
                Optional<ModelLease> lease = model.lease().or(() -> leaseNow(id, version));
                if (lease.isPresent()) {
                    enqueue(lease.get(), prediction, interrupt, answer);
                } else if (!answer.isDone()) {
                    loadAndEnqueue(id, version, prediction, interrupt, answer);
                }
            });
        } catch (InferenceException e) {
            answer.completeExceptionally(e);
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

    private record LeasedModel(ModelLease lease, RunInterrupt interrupt) implements Model {
        @Override
        public ModelRef ref() {
            return lease.ref();
        }

        @Override
        public ModelSignature signature() {
            return lease.signature();
        }

        @Override
        public InferenceResponse run(InferenceRequest request) {
            return lease.run(request, interrupt);
        }
    }
}
