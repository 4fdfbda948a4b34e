package dev.modelserving.batching;

/**
 * The sizes of batches that are told apart: each is at most a quarter larger than the one before, so that the best of them
 * is not far from the best of all. 1 to 8 by one, then four to each power of two, as HdrHistogram divides its values.
 */
final class Sizes {
    /** What is larger counts as this. */
    static final int LARGEST = 4096;

    static final int COUNT = index(LARGEST) + 1;

    private static final int LOG_OF_FIRST_STEPS = 3;

    private Sizes() {}

    /** The greatest size that is not more than {@code rows}. */
    static int index(int rows) {
        if (rows < 1 << LOG_OF_FIRST_STEPS) {
            return Math.max(rows, 1) - 1;
        }
        int bounded = Math.min(rows, LARGEST);
        int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bounded);
        return 4 * (log - LOG_OF_FIRST_STEPS) + (bounded >> (log - 2)) + 3;
    }

    static int rows(int index) {
        int first = (1 << LOG_OF_FIRST_STEPS) - 1;
        if (index < first) {
            return index + 1;
        }
        int steps = index - first;
        return (4 + steps % 4) << (steps / 4 + 1);
    }
}
