package dev.modelserving.batching;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is among the queues of several models, so that each gets an equal share of the time while it has calls:
 * start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, section 2) with batches as
 * packets and measured time as their length. A queue that was empty does not catch up on what it did not use, and its first
 * call waits for no more than the batches that run. Not for use by several threads; knows no clock.
 */
final class FairTurns {
    private final int capacity;
    private final List<BatchQueue> busy = new ArrayList<>();
    private long virtualTime;
    private int waiting;

    /** @param capacity how many calls may wait, in all queues together */
    FairTurns(int capacity) {
        this.capacity = capacity;
    }

    int waiting() {
        return waiting;
    }

    boolean isFull() {
        return waiting >= capacity;
    }

    void add(BatchQueue queue, Call call) {
        queue.add(call);
        added(queue);
    }

    void addAlone(BatchQueue queue, Call call) {
        queue.addAlone(call);
        added(queue);
    }

    private void added(BatchQueue queue) {
        waiting++;
        if (queue.size() == 1) {
            queue.virtualTime = Math.max(queue.virtualTime, virtualTime);
            busy.add(queue);
        }
    }

    /**
     * Moves the next batch to {@code run}, and what need not run any more before it.
     *
     * @return where it is from; nothing when nothing waits
     */
    @Nullable
    BatchQueue take(BatchRun run, long now) {
        if (busy.isEmpty()) {
            return null;
        }
        int next = 0;
        for (int index = 1; index < busy.size(); index++) {
            if (busy.get(index).virtualTime < busy.get(next).virtualTime) {
                next = index;
            }
        }
        BatchQueue queue = busy.get(next);
        virtualTime = Math.max(virtualTime, queue.virtualTime);
        int before = queue.size();
        queue.take(run, now);
        waiting -= before - queue.size();
        queue.virtualTime += run.expect();
        if (queue.isEmpty()) {
            busy.remove(next);
        }
        return queue;
    }

    /** What was last moved to {@code run}, from {@code queue}, has taken {@code nanos}. */
    void ran(BatchQueue queue, BatchRun run, long nanos) {
        queue.virtualTime += nanos - run.expected();
    }

    /** Takes out all that need not run any more. */
    List<Call> removeOver(long now) {
        List<Call> over = new ArrayList<>();
        for (BatchQueue queue : busy) {
            queue.removeOver(now, over);
        }
        busy.removeIf(BatchQueue::isEmpty);
        waiting -= over.size();
        return over;
    }

    /** Takes out everything. */
    List<Call> removeAll() {
        List<Call> all = new ArrayList<>();
        busy.forEach(queue -> queue.removeAll(all));
        busy.clear();
        waiting = 0;
        return all;
    }
}
