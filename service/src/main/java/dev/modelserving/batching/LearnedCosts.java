package dev.modelserving.batching;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long batches of one key take, for each of the {@link Sizes}. An estimate follows a faster run more than a slower one,
 * because what disturbs a measurement makes it longer; one that is old gives more way to what is measured next.
 *
 * <p>For use by several threads: each number is an atomic, and where two write the same one, one of them is lost.
 */
final class LearnedCosts {
    /** In runs of any size. */
    private static final int STALE_AFTER = 512;

    /** Fractions of a nanosecond, for rows that take less than one. */
    private static final int FRACTION_BITS = 10;

    /** 0 until the first run, below 0 until it is known. */
    private final AtomicLongArray nanosPerRow = new AtomicLongArray(Sizes.COUNT);

    private final AtomicIntegerArray lastRunOfSize = new AtomicIntegerArray(Sizes.COUNT);
    private final AtomicInteger runs = new AtomicInteger();

    /**
     * Learns that {@code rows} took {@code nanos} together.
     *
     * @return how many runs were learned of, in all
     */
    int record(int rows, long nanos) {
        int size = Sizes.index(rows);
        long measured = Math.max(1, (nanos << FRACTION_BITS) / Math.max(1, rows));
        long before = nanosPerRow.getOpaque(size);
        nanosPerRow.setOpaque(size, adjusted(before, measured, isStale(size)));
        int now = runs.getOpaque() + 1;
        runs.setOpaque(now);
        lastRunOfSize.setOpaque(size, now);
        return now;
    }

    /** The first run of a size prepares what later ones find: two are needed to know. */
    private static long adjusted(long before, long measured, boolean stale) {
        if (before <= 0) {
            return before == 0 ? -measured : Math.min(-before, measured);
        }
        if (stale) {
            return (before + measured + 1) / 2;
        }
        return measured < before
                ? before - (before - measured + 7) / 8
                : before + (Math.min(measured - before, before) + 15) / 16;
    }

    boolean isKnown(int size) {
        return perRow(size) > 0;
    }

    /** Whether the estimate may be of another time. */
    boolean isStale(int size) {
        return age(size) > STALE_AFTER;
    }

    /** How many runs of any size there were since the last of this one. */
    int age(int size) {
        return runs.getOpaque() - lastRunOfSize.getOpaque(size);
    }

    /** In a unit of its own, for comparisons. Not above 0: unknown. */
    long perRow(int size) {
        return nanosPerRow.getOpaque(size);
    }

    /**
     * How long {@code rows} will take: as the next smaller size that was measured, in proportion, but no longer than the
     * next larger one. 0: unknown.
     */
    long nanos(int rows) {
        int size = Sizes.index(rows);
        long proportional = Long.MAX_VALUE;
        for (int below = size; below >= 0; below--) {
            if (nanosPerRow.getOpaque(below) != 0) {
                proportional = nanosOf(below, Math.max(1, rows));
                if (below == size) {
                    return proportional;
                }
                break;
            }
        }
        for (int above = size + 1; above < Sizes.COUNT; above++) {
            if (nanosPerRow.getOpaque(above) != 0) {
                return Math.min(proportional, nanosOf(above, Sizes.rows(above)));
            }
        }
        return proportional == Long.MAX_VALUE ? 0 : proportional;
    }

    private long nanosOf(int size, int rows) {
        return Math.max(1, (Math.abs(nanosPerRow.getOpaque(size)) * rows) >> FRACTION_BITS);
    }
}
