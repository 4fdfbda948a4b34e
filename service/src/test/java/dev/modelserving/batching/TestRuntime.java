package dev.modelserving.batching;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;

/** Doubles nothing, computes nothing: gives back its inputs, and lets a clock of its own run on meanwhile. */
final class TestRuntime implements ModelRuntime {
    /** A value that the model fails on. */
    static final float BAD = -1;

    private final TestClock clock;
    private final IntToLongFunction nanos;
    private final List<Integer> rowsOfRuns = new ArrayList<>();
    private final List<Long> deadlines = new ArrayList<>();
    private final List<BatchKey> stopped = new ArrayList<>();
    private UnaryOperator<InferenceResponse> outputs = response -> response;

    TestRuntime(TestClock clock, IntToLongFunction nanosByRows) {
        this.clock = clock;
        this.nanos = nanosByRows;
    }

    /** Changes what it gives for more than one row. */
    TestRuntime withJoined(UnaryOperator<InferenceResponse> change) {
        outputs = change;
        return this;
    }

    List<Integer> rowsOfRuns() {
        return rowsOfRuns;
    }

    List<Long> deadlines() {
        return deadlines;
    }

    /** The keys that it was told of. */
    List<BatchKey> stopped() {
        return stopped;
    }

    @Override
    public InferenceResponse run(InferenceRequest request, TensorMemory memory, long deadlineNanos) {
        int rows = Batch.rows(request);
        rowsOfRuns.add(rows);
        deadlines.add(deadlineNanos);
        clock.advance(nanos.applyAsLong(rows));
        for (float value : Requests.floats(request.inputs().get("x"))) {
            if (value == BAD) {
                throw new InferenceException(Kind.INVALID_INPUT, "a bad value");
            }
        }
        InferenceResponse response = new InferenceResponse(request.inputs());
        return rows > 1 ? outputs.apply(response) : response;
    }

    @Override
    public void stopsJoining(BatchKey key, Throwable why) {
        stopped.add(key);
    }
}
