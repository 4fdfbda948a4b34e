package dev.modelserving.serving;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import java.util.Optional;

/**
 * What a caller wants of a model, told in steps that {@link InferenceEngine} takes one after another: {@link #read}, then
 * {@link #answer} or {@link #fail}, and {@link #close} as the last.
 */
public interface Prediction {
    /**
     * Where the caller's own thread may compute, when {@link #read} takes so little time that it may do that too; nothing:
     * everything is done on another thread.
     */
    Optional<QuickRuns> quickRuns();

    /**
     * The request, checked against the signature. On the caller's thread, or on one that may compute.
     *
     * @throws InferenceException when it is wrong
     */
    InferenceRequest read(ModelRef model, ModelSignature signature);

    /** Whether nobody waits for the answer any more; asked before the work begins. */
    boolean isCancelled();

    /** Tells the answer, whose numbers are gone as soon as this returns; on the thread that computed it. What this throws is told to {@link #fail}. */
    void answer(ModelRef model, InferenceResponse response);

    /** Tells why there is no answer; on any thread. Does not throw. */
    void fail(Throwable why);

    /** Called once: nothing that {@link #read} gave is used any more. */
    void close();
}
