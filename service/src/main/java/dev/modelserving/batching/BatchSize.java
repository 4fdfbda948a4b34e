package dev.modelserving.batching;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many rows of one key pay when they are computed together, found by measuring. At first the size is doubled as long
 * as a row gets cheaper; later, now and then, a batch is of a neighbouring size instead, or of one row, so that a change
 * of the costs is noticed. Nothing is done for measurement's sake but to choose the size of batches that run anyway.
 *
 * <p>For use by several threads.
 */
final class BatchSize {
    /** Joining that saves less makes answers later for nothing. */
    private static final double WORTH_JOINING = 0.9;

    /** What a row may cost above the cheapest. */
    private static final double AS_GOOD = 1 + 1 / 16.0;

    /** What a row of all that wait may cost above that of a smaller batch. */
    private static final double WORSE = 1 + 1 / 8.0;

    /** Up to this a batch may be tried that is not expected to be better. */
    private static final long CHEAP_NANOS = Duration.ofMillis(20).toNanos();

    /** One in so many batches may be of a size that was never tried, and one in so many of one that was long ago. */
    private static final int TRY_UNKNOWN = 8;

    private static final int TRY_STALE = 64;

    /** What is known of a size changes slowly. */
    private static final int LEARN_EVERY = 8;

    private final LearnedCosts costs = new LearnedCosts();
    private final int largest;
    private final AtomicInteger choices = new AtomicInteger();
    private volatile Paying paying = new Paying(1, 1, 0, 0);

    /**
     * What was learned.
     *
     * @param enough the smallest size at which a row is as good as the cheapest
     * @param upTo the largest such size
     * @param known the largest size that was measured
     * @param next a size to grow to, at least {@code known}; or 0 when growing on does not pay
     */
    private record Paying(int enough, int upTo, int known, int next) {}

    /** @param largest no batch of more rows is joined */
    BatchSize(int largest) {
        this.largest = Math.min(largest, Sizes.LARGEST);
    }

    /** How long {@code rows} will take; 0: unknown. */
    long nanos(int rows) {
        return costs.nanos(rows);
    }

    /** How many rows the next batch may have when {@code waiting} are there. */
    int limit(int waiting) {
        int possible = Math.min(waiting, largest);
        if (possible <= 1) {
            return 1;
        }
        Paying now = paying;
        if (now.known == 0) {
            return 1;
        }
        if (now.next > 0 && possible > now.known) {
            return Math.min(possible, now.next);
        }
        int tried = trial(possible, now);
        return tried > 0 ? tried : best(possible, now);
    }

    private int best(int possible, Paying now) {
        if (possible > now.upTo || possible >= 2 * now.enough) {
            return now.enough;
        }
        // A size that is not monotonously better than smaller ones, as where eight rows fill a register and nine do
        // not.
        int size = Sizes.index(possible);
        if (costs.isKnown(size)) {
            for (int below = size - 1; below >= 0; below--) {
                if (costs.isKnown(below) && costs.perRow(below) * WORSE < costs.perRow(size)) {
                    return Sizes.rows(below);
                }
            }
        }
        return possible;
    }

    /** A size that should be measured again, or 0. Racing threads may skip or repeat a turn. */
    private int trial(int possible, Paying now) {
        int turn = choices.getPlain() + 1;
        choices.setOpaque(turn);
        if (turn % TRY_UNKNOWN != 0) {
            return 0;
        }
        boolean staleToo = turn % TRY_STALE == 0;
        int first = Sizes.index(now.enough / 2);
        int last = Sizes.index(Math.min(possible, Math.min(2 * now.upTo, largest)));
        int oldest = worthTrying(0, staleToo, now) ? 0 : -1;
        for (int size = Math.max(1, first); size <= last; size++) {
            if (worthTrying(size, staleToo, now) && (oldest < 0 || costs.age(size) > costs.age(oldest))) {
                oldest = size;
            }
        }
        return oldest < 0 ? 0 : Sizes.rows(oldest);
    }

    private boolean worthTrying(int size, boolean staleToo, Paying now) {
        if (costs.isKnown(size)) {
            return staleToo && costs.isStale(size);
        }
        int rows = Sizes.rows(size);
        return staleToo || rows <= now.enough || costs.nanos(rows) <= CHEAP_NANOS;
    }

    /** Learns that {@code rows} took {@code nanos} together. */
    void record(int rows, long nanos) {
        boolean wasKnown = costs.isKnown(Sizes.index(rows));
        int runs = costs.record(rows, nanos);
        if (largest > 1 && (!wasKnown || runs % LEARN_EVERY == 0)) {
            learn();
        }
    }

    private void learn() {
        int last = Sizes.index(largest);
        int known = -1;
        long cheapest = Long.MAX_VALUE;
        for (int size = 0; size <= last; size++) {
            long perRow = costs.perRow(size);
            if (perRow > 0) {
                known = size;
                cheapest = Math.min(cheapest, perRow);
            }
        }
        if (known < 0) {
            return;
        }
        int enough = known;
        int upTo = 0;
        for (int size = known; size >= 0; size--) {
            if (costs.isKnown(size) && costs.perRow(size) <= cheapest * AS_GOOD) {
                enough = size;
                upTo = Math.max(upTo, size);
            }
        }
        boolean pays = !costs.isKnown(0) || cheapest < costs.perRow(0) * WORTH_JOINING;
        int next = next(Sizes.rows(known), Sizes.rows(enough));
        update(pays ? Sizes.rows(enough) : 1, pays ? Sizes.rows(upTo) : 1, Sizes.rows(known), next);
    }

    /** Once a larger batch was not better, one still larger is tried where that costs little: the next may be again. */
    private int next(int known, int enough) {
        int next = Math.min(2 * known, largest);
        int farthest = costs.nanos(next) <= CHEAP_NANOS ? 2 * enough : enough;
        return next > known && known <= farthest ? next : 0;
    }

    private void update(int enough, int upTo, int known, int next) {
        Paying before = paying;
        if (before.enough != enough || before.upTo != upTo || before.known != known || before.next != next) {
            paying = new Paying(enough, upTo, known, next);
        }
    }
}
