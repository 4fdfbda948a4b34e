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

    InferenceEngine(ChampionKeeper keeper, RegistryFollower follower, ModelCache cache, InferenceThreads threads) {
        this.keeper = keeper;
        this.follower = follower;
        this.cache = cache;
        this.threads = threads;
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
        if (lease.isPresent()) {
            enqueue(lease.get(), prediction, interrupt, answer);
        } else {
            enqueueWhenLoaded(id, version, prediction, interrupt, answer);
        }
        return answer;
    }

    /** A retired model gives no lease any more; then the route has moved, and the new one is taken. */
    private Optional<ModelLease> leaseNow(ModelId id, Optional<ModelVersion> version) {
        while (true) {
            Optional<LoadedModel> champion = keeper.routes()
                    .champion(id)
                    .filter(model -> version.isEmpty()
                            || version.get().equals(model.ref().version()));
            Optional<LoadedModel> model =
                    champion.isPresent() || version.isEmpty() ? champion : onDemand(new ModelRef(id, version.get()));
            if (model.isEmpty()) {
                return Optional.empty();
            }
            Optional<ModelLease> lease = model.get().lease();
            if (lease.isPresent()) {
                return lease;
            }
        }
    }

    private Optional<LoadedModel> onDemand(ModelRef ref) {
        return follower.snapshot()
                .version(ref)
                .filter(record -> record.status() == VersionRecord.Status.VERIFIED)
                .flatMap(record -> cache.loaded(ref));
    }

    private <T> void enqueue(
            ModelLease lease, Prediction<T> prediction, RunInterrupt interrupt, CompletableFuture<T> answer) {
        try {
            threads.execute(() -> {
                try (lease) {
                    if (!answer.isDone()) {
                        answer.complete(prediction.with(new LeasedModel(lease, interrupt)));
                    }
                } catch (OutOfMemoryError e) {
                    answer.completeExceptionally(new InferenceException(
                            Kind.OVERLOADED, "there is not enough memory for this request now; try again later"));
                } catch (RuntimeException | Error e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            lease.close();
            answer.completeExceptionally(new InferenceException(
                    Kind.OVERLOADED,
                    "too many predictions are waiting (" + threads.queueSize() + "); try again later"));
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
        try {
            VersionRecord record = record(id, version);
            cache.load(record).whenComplete((model, failure) -> {
                Optional<ModelLease> lease = failure == null ? model.lease() : Optional.empty();
                if (lease.isPresent()) {
                    enqueue(lease.get(), prediction, interrupt, answer);
                } else {
                    String why = failure == null ? "it was retired" : ModelCache.reason(failure);
                    answer.completeExceptionally(
                            new InferenceException(Kind.NOT_READY, record.ref() + " cannot be served now: " + why));
                }
            });
        } catch (InferenceException e) {
            answer.completeExceptionally(e);
        }
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
