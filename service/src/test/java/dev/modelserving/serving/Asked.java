package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A prediction whose answer can be waited for. */
final class Asked extends CompletableFuture<Asked.Answer> implements Prediction {
    private final Supplier<InferenceRequest> request;
    private final Optional<QuickRuns> quickRuns;
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    private volatile @Nullable Thread thread;

    record Answer(ModelRef model, InferenceResponse response) {}

    private Asked(Supplier<InferenceRequest> request, Optional<QuickRuns> quickRuns) {
        this.request = request;
        this.quickRuns = quickRuns;
    }

    /** Its request is made on a thread that may compute. */
    static Asked of(
            InferenceEngine engine,
            ModelId id,
            Optional<ModelVersion> version,
            Duration timeout,
            Supplier<InferenceRequest> request) {
        return of(engine, id, version, timeout, request, Optional.empty());
    }

    /** @param quickRuns of this thread, where it may be computed */
    static Asked of(
            InferenceEngine engine,
            ModelId id,
            Optional<ModelVersion> version,
            Duration timeout,
            Supplier<InferenceRequest> request,
            Optional<QuickRuns> quickRuns) {
        Asked asked = new Asked(request, quickRuns);
        engine.predict(id, version, timeout, asked);
        return asked;
    }

    /** Which version gives the answer. */
    CompletableFuture<ModelRef> model() {
        return thenApply(Answer::model);
    }

    /** Where it was computed, once it has its answer. */
    Thread thread() {
        return Objects.requireNonNull(thread);
    }

    /** Completed when the engine has done with it. */
    CompletableFuture<Boolean> closed() {
        return closed;
    }

    @Override
    public Optional<QuickRuns> quickRuns() {
        return quickRuns;
    }

    @Override
    public InferenceRequest read(ModelRef model, ModelSignature signature) {
        return request.get();
    }

    @Override
    public void answer(ModelRef model, InferenceResponse response) {
        thread = Thread.currentThread();
        complete(new Answer(model, response));
    }

    @Override
    public void fail(Throwable why) {
        completeExceptionally(why);
    }

    @Override
    public void close() {
        closed.complete(true);
    }
}
