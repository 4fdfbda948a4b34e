package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;

/**
 * One request on its way to its answer. Of {@link #complete}, {@link #fail} and {@link #drop} one is called, once, and
 * nothing after it; none of them throws.
 */
public interface Call {
    /**
     * What is asked for. Of a call that was queued with {@link BatchQueue#addAlone} it is asked once, on the thread that
     * runs it, and may take its time and throw; of any other it is at hand.
     */
    InferenceRequest request();

    /**
     * When the answer is of no more use, as {@link System#nanoTime} tells time. Always the same
     * once the request is at hand, and not later than before.
     */
    long deadlineNanos();

    /** Whether nobody waits for the answer any more. Asked before the work begins. */
    boolean isDone();

    /** Takes the answer, whose numbers are gone as soon as this returns. On the thread that computed it. */
    void complete(InferenceResponse response);

    /** Takes the reason why there is no answer. */
    void fail(Throwable why);

    /** Leaves without having cost anything: it was done, or its deadline has passed. */
    void drop();
}
