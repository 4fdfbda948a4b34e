package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for one model. Whatever waited longest is next, joined with those behind it of the same
 * {@link BatchKey} as far as that pays and keeps no deadline from being met. Owned by one thread, or by {@link Runners}.
 */
public final class BatchQueue {
    /** Empty lanes are kept for what comes next, unless there are many. */
    private static final int LANES_KEPT = 64;

    private final BatchCosts costs;
    private final ModelRuntime runtime;
    private final Map<BatchKey, Lane> lanes = new HashMap<>();
    private final Lane alone = new Lane(null);
    private final PriorityQueue<Lane> waiting =
            new PriorityQueue<>(Comparator.comparingLong(lane -> lane.calls.placeOfFirst()));
    private @Nullable Lane latest;
    private long nextPlace;
    private int size;

    /** Written and read by {@link FairTurns} alone. */
    long virtualTime;

    /** Calls of one key, or those whose key is not known before they run. */
    private static final class Lane {
        final @Nullable KeyCosts costs;
        final WaitingCalls calls = new WaitingCalls();

        Lane(@Nullable KeyCosts costs) {
            this.costs = costs;
        }
    }

    /** @param costs of the same model, shared by all its queues */
    public BatchQueue(BatchCosts costs, ModelRuntime runtime) {
        this.costs = costs;
        this.runtime = runtime;
    }

    BatchCosts costs() {
        return costs;
    }

    ModelRuntime runtime() {
        return runtime;
    }

    /** How many calls wait. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Takes over a call whose request is at hand. */
    public void add(Call call) {
        InferenceRequest request = call.request();
        add(lane(request), call, Batch.rows(request));
    }

    /** Takes over a call whose request is made on the thread that runs it; it is joined with nothing. */
    public void addAlone(Call call) {
        add(alone, call, 0);
    }

    private void add(Lane lane, Call call, int rows) {
        lane.calls.add(call, rows, nextPlace++);
        if (lane.calls.size() == 1) {
            waiting.add(lane);
        }
        size++;
    }

    private Lane lane(InferenceRequest request) {
        Lane before = latest;
        if (before != null && before.costs != null && before.costs.key().matches(request)) {
            return before;
        }
        Lane lane = lanes.computeIfAbsent(BatchKey.of(request), key -> new Lane(costs.of(key)));
        latest = lane;
        return lane;
    }

    /**
     * Moves the next batch to {@code run}, and what need not run any more before it.
     *
     * @param now as {@link System#nanoTime} tells time
     * @return whether there was anything
     */
    boolean take(BatchRun run, long now) {
        boolean any = false;
        for (Lane lane = waiting.poll(); lane != null; lane = waiting.poll()) {
            any = true;
            int before = lane.calls.size();
            fill(run, lane, now);
            size -= before - lane.calls.size();
            if (lane.calls.size() > 0) {
                waiting.add(lane);
            } else if (lanes.size() > LANES_KEPT) {
                forget(lane);
            }
            if (run.hasCalls()) {
                return true;
            }
        }
        return any;
    }

    private static void fill(BatchRun run, Lane lane, long now) {
        WaitingCalls calls = lane.calls;
        KeyCosts known = lane.costs;
        int limit = known == null ? 1 : known.limit(calls.rows());
        int rows = 0;
        long slack = Long.MAX_VALUE;
        while (calls.size() > 0) {
            Call call = calls.first();
            if (isOver(call, now)) {
                run.drop(call);
            } else if (rows == 0) {
                rows = calls.rowsOfFirst();
                slack = slack(call, known, rows, now);
                run.begin(call, known, rows);
                if (rows == 0 || rows >= limit) {
                    calls.removeFirst();
                    return;
                }
            } else {
                int more = calls.rowsOfFirst();
                if (more == 0 || more > limit - rows || known == null) {
                    return;
                }
                slack = Math.min(slack, slack(call, known, more, now));
                if (known.nanos(rows + more) > slack) {
                    return;
                }
                rows += more;
                run.join(call, more);
            }
            calls.removeFirst();
        }
    }

    /** How much time a batch may take with {@code call} in it. What would be late even alone keeps nobody from joining. */
    private static long slack(Call call, @Nullable KeyCosts known, int rows, long now) {
        long left = call.deadlineNanos() - now;
        return known == null || known.nanos(rows) > left ? Long.MAX_VALUE : left;
    }

    /** Whether running it would be for nothing. */
    static boolean isOver(Call call, long now) {
        return call.isDone() || call.deadlineNanos() - now <= 0;
    }

    private void forget(Lane lane) {
        if (lane.costs != null) {
            lanes.remove(lane.costs.key());
            if (lane == latest) {
                latest = null;
            }
        }
    }

    /** Moves to {@code over} all that need not run any more. */
    void removeOver(long now, List<Call> over) {
        int before = over.size();
        List<Lane> all = new ArrayList<>(waiting);
        waiting.clear();
        for (Lane lane : all) {
            lane.calls.removeIf(call -> isOver(call, now), over::add);
            if (lane.calls.size() > 0) {
                waiting.add(lane);
            }
        }
        size -= over.size() - before;
    }

    /** Moves everything to {@code all}. */
    void removeAll(List<Call> all) {
        for (Lane lane : waiting) {
            lane.calls.removeIf(call -> true, all::add);
        }
        waiting.clear();
        size = 0;
    }
}
