package dev.modelserving.jmh;

import dev.modelserving.batching.Call;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import java.util.concurrent.TimeUnit;

/** A call that is made over and over. */
final class RepeatedCall implements Call {
    private static final long NEVER = System.nanoTime() + TimeUnit.DAYS.toNanos(1);

    private final InferenceRequest request;
    private final Runnable answered;

    RepeatedCall(InferenceRequest request, Runnable answered) {
        this.request = request;
        this.answered = answered;
    }

    @Override
    public InferenceRequest request() {
        return request;
    }

    @Override
    public long deadlineNanos() {
        return NEVER;
    }

    @Override
    public boolean isDone() {
        return false;
    }

    @Override
    public void complete(InferenceResponse response) {
        answered.run();
    }

    @Override
    public void fail(Throwable why) {
        throw new IllegalStateException("a call failed", why);
    }

    @Override
    public void drop() {
        throw new IllegalStateException("a call was dropped");
    }
}
