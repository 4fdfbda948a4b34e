package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs batches, one after another, on the thread that it belongs to: joins, computes, splits and answers. Joined requests
 * that fail are run again one by one, so that a bad one fails alone.
 */
public final class BatchRun {
    private final Supplier<TensorMemory> memory;
    private final LongSupplier nanoTime;
    private final List<Call> calls = new ArrayList<>();
    private final List<InferenceRequest> requests = new ArrayList<>();
    private final List<Call> dropped = new ArrayList<>();
    private @Nullable KeyCosts costs;
    private int rows;
    private long expected;

    /** What a call threw. The others must not suffer for it. */
    private @Nullable Throwable broken;

    /**
     * @param memory gives memory of its own to each batch, which is closed when all of it is answered; does not throw
     * @param nanoTime as {@link System#nanoTime}
     */
    public BatchRun(Supplier<TensorMemory> memory, LongSupplier nanoTime) {
        this.memory = memory;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs all that waits in a queue of this thread, and what is added meanwhile. Not to be called by a call.
     *
     * @throws IllegalStateException when a call threw what it must not, after all were told
     */
    public void runAll(BatchQueue queue) {
        while (!queue.isEmpty()) {
            long now = nanoTime.getAsLong();
            queue.take(this, now);
            run(queue, now);
        }
        throwBroken();
    }

    /** Throws what a call threw, if one did. */
    void throwBroken() {
        Throwable thrown = broken;
        if (thrown != null) {
            broken = null;
            throw new IllegalStateException("a call threw when it was told", thrown);
        }
    }

    boolean hasCalls() {
        return !calls.isEmpty();
    }

    void drop(Call call) {
        dropped.add(call);
    }

    /** @param known nothing when the request is not at hand */
    void begin(Call call, @Nullable KeyCosts known, int itsRows) {
        costs = known;
        rows = itsRows;
        calls.add(call);
    }

    void join(Call call, int itsRows) {
        rows += itsRows;
        calls.add(call);
    }

    /** How long it will take, in nanoseconds, as far as is known now; kept for when it has run. */
    long expect() {
        expected = costs == null ? 0 : costs.nanos(rows);
        return expected;
    }

    /** What {@link #expect} said of the last batch. */
    long expected() {
        return expected;
    }

    /** Runs what was taken of {@code queue} {@code now}; {@link #throwBroken} has to follow. */
    void run(BatchQueue queue, long now) {
        long begin = now;
        if (!dropped.isEmpty()) {
            dropped.forEach(this::tellDropped);
            dropped.clear();
            begin = nanoTime.getAsLong();
        }
        KeyCosts known = costs;
        if (calls.size() > 1 && known != null) {
            runJoined(queue, known, begin);
        } else if (!calls.isEmpty()) {
            runAlone(queue, calls.get(0), begin);
        }
        calls.clear();
        requests.clear();
        costs = null;
        rows = 0;
    }

    /** Whether it was answered. */
    private boolean runAlone(BatchQueue queue, Call call, long now) {
        try (TensorMemory outputs = memory.get()) {
            InferenceResponse response;
            try {
                InferenceRequest request = call.request();
                KeyCosts known = costs;
                long begin = now;
                if (known == null) { // the request was made only now
                    known = queue.costs().of(BatchKey.of(request));
                    begin = nanoTime.getAsLong();
                }
                response = queue.runtime().run(request, outputs, call.deadlineNanos());
                known.ranAlone(Batch.rows(request), nanoTime.getAsLong() - begin);
            } catch (RuntimeException | Error e) {
                fail(call, e);
                return false;
            }
            complete(call, response);
            return true;
        }
    }

    private void runJoined(BatchQueue queue, KeyCosts known, long now) {
        Throwable failure = failureOfJoined(queue.runtime(), known, now);
        if (failure != null) {
            runOneByOne(queue, known, failure);
        }
    }

    /** Answers all or none; then says why. */
    private @Nullable Throwable failureOfJoined(ModelRuntime runtime, KeyCosts known, long now) {
        try (TensorMemory joined = memory.get()) {
            List<InferenceResponse> responses;
            try {
                responses = responses(runtime, joined);
            } catch (RuntimeException | Error e) {
                return e;
            }
            known.ranJoined(rows, nanoTime.getAsLong() - now);
            for (int index = 0; index < responses.size(); index++) {
                complete(calls.get(index), responses.get(index));
            }
            return null;
        }
    }

    private List<InferenceResponse> responses(ModelRuntime runtime, TensorMemory joined) {
        long latest = calls.get(0).deadlineNanos();
        for (int index = 0; index < calls.size(); index++) {
            requests.add(calls.get(index).request());
            long deadline = calls.get(index).deadlineNanos();
            latest = deadline - latest > 0 ? deadline : latest;
        }
        Batch batch = Batch.join(requests, joined);
        return batch.split(runtime.run(batch.request(), joined, latest));
    }

    private void runOneByOne(BatchQueue queue, KeyCosts known, Throwable failure) {
        boolean allAnswered = true;
        for (int index = 0; index < calls.size(); index++) {
            Call call = calls.get(index);
            long now = nanoTime.getAsLong();
            if (BatchQueue.isOver(call, now)) {
                tellDropped(call);
                allAnswered = false;
            } else {
                allAnswered &= runAlone(queue, call, now);
            }
        }
        if (allAnswered && known.failedJoined(failure)) {
            queue.runtime().stopsJoining(known.key(), failure);
        }
    }

    private void complete(Call call, InferenceResponse response) {
        try {
            call.complete(response);
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }

    private void fail(Call call, Throwable why) {
        try {
            call.fail(why);
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }

    private void tellDropped(Call call) {
        try {
            call.drop();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }
}
