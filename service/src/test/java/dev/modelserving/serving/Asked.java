package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A prediction whose answer can be waited for; its request is made on a thread that may compute. */
final class Asked extends CompletableFuture<Asked.Answer> implements Prediction {
    private final Supplier<InferenceRequest> request;
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    record Answer(ModelRef model, InferenceResponse response) {}

    private Asked(Supplier<InferenceRequest> request) {
        this.request = request;
    }

    static Asked of(
            InferenceEngine engine,
            ModelId id,
            Optional<ModelVersion> version,
            Duration timeout,
            Supplier<InferenceRequest> request) {
        Asked asked = new Asked(request);
        engine.predict(id, version, timeout, asked);
        return asked;
    }

    /** Which version gives the answer. */
    CompletableFuture<ModelRef> model() {
        return thenApply(Answer::model);
    }

    /** Completed when the engine has done with it. */
    CompletableFuture<Boolean> closed() {
        return closed;
    }

    @Override
    public boolean isSmall() {
        return false;
    }

    @Override
    public InferenceRequest read(ModelRef model, ModelSignature signature) {
        return request.get();
    }

    @Override
    public TensorMemory memory() {
        return TensorMemory.collected();
    }

    @Override
    public void answer(ModelRef model, InferenceResponse response) {
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
