package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Tensor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A call that keeps what it was told. */
class TestCall implements Call {
    static final long NEVER = Long.MAX_VALUE / 2;

    private final InferenceRequest request;
    private final long deadline;
    private final List<Object> told = new CopyOnWriteArrayList<>();
    private volatile boolean done;

    /** What may happen when it is told its answer. */
    @Nullable
    Runnable whenCompleted;

    TestCall(InferenceRequest request, long deadline) {
        this.request = request;
        this.deadline = deadline;
    }

    static TestCall rows(int rows) {
        return of(rows, rows);
    }

    /** Of {@code rows} rows that have {@code value} everywhere. */
    static TestCall of(int rows, float value) {
        return new TestCall(Requests.rows(rows, value), NEVER);
    }

    static TestCall until(long deadline) {
        return new TestCall(Requests.rows(1, 1), deadline);
    }

    /** Nobody waits for it any more. */
    TestCall leave() {
        done = true;
        return this;
    }

    /** Answers as floats, failures, or "dropped". */
    List<Object> told() {
        return told;
    }

    @Override
    public InferenceRequest request() {
        return request;
    }

    @Override
    public long deadlineNanos() {
        return deadline;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void complete(InferenceResponse response) {
        Tensor first = response.outputs().values().iterator().next();
        told.add(first instanceof Tensor.Strings strings ? strings.elements() : Requests.floats(first));
        if (whenCompleted != null) {
            whenCompleted.run();
        }
    }

    @Override
    public void fail(Throwable why) {
        told.add(why);
    }

    @Override
    public void drop() {
        told.add("dropped");
    }
}
