package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;

/** What computes for one model. Called by as many threads as have calls of it. */
@FunctionalInterface
public interface ModelRuntime {
    /**
     * Computes on the calling thread.
     *
     * @param memory where the outputs may lie
     * @param deadlineNanos when nobody will be left to wait for the answer, as {@link System#nanoTime} tells time
     */
    InferenceResponse run(InferenceRequest request, TensorMemory memory, long deadlineNanos);

    /** Is told, once for each key, that such requests are not joined any more, because joined ones failed and single ones did not. */
    default void stopsJoining(BatchKey key, Throwable why) {}
}
