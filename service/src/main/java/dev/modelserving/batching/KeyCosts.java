package dev.modelserving.batching;

import java.util.concurrent.atomic.AtomicInteger;

/** What is known of requests of one key: what they cost, and whether joined ones work at all. For use by several threads. */
final class KeyCosts {
    /** Once may be want of memory. */
    private static final int FAILURES_IN_A_ROW = 3;

    private final BatchKey key;
    private final BatchSize size;
    private final AtomicInteger failuresInARow = new AtomicInteger();

    KeyCosts(BatchKey key, int maxRows) {
        this.key = key;
        this.size = new BatchSize(maxRows);
    }

    BatchKey key() {
        return key;
    }

    /** How long {@code rows} will take together, in nanoseconds; 0: unknown. */
    long nanos(int rows) {
        return size.nanos(rows);
    }

    /** How many rows the next batch may have when {@code waiting} are there. */
    int limit(int waiting) {
        return isSeparate() ? 1 : size.limit(waiting);
    }

    /** Whether requests of this key are not joined any more. */
    boolean isSeparate() {
        return failuresInARow.getOpaque() >= FAILURES_IN_A_ROW;
    }

    /** Learns from a run of one request. */
    void ranAlone(int rows, long nanos) {
        size.record(rows, nanos);
    }

    /** Learns from a run of several. */
    void ranJoined(int rows, long nanos) {
        size.record(rows, nanos);
        if (failuresInARow.getOpaque() != 0) {
            failuresInARow.set(0);
        }
    }

    /**
     * Learns that joined requests failed of which each was answered alone.
     *
     * @return whether this is why they are not joined any more
     */
    boolean failedJoined(Throwable why) {
        int more = why instanceof SplitException ? FAILURES_IN_A_ROW : 1;
        int before = failuresInARow.getAndUpdate(failures -> Math.min(failures + more, FAILURES_IN_A_ROW));
        return before < FAILURES_IN_A_ROW && before + more >= FAILURES_IN_A_ROW;
    }
}
