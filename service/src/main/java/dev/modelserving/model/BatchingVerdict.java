package dev.modelserving.model;

/**
 * Whether requests to a version may be joined along their first axis.
 *
 * @param allowed whether nobody's answer is changed by it
 * @param maxRows the most rows that may be computed together; 1 where joining is not allowed
 * @param reason one sentence for the person who exported the model
 * @param kind where it holds
 */
public record BatchingVerdict(boolean allowed, int maxRows, String reason, RuntimeKind kind) {
    /** The most rows that are joined where the manifest names no other number. */
    public static final int DEFAULT_MAX_ROWS = 64;

    /** @throws IllegalArgumentException when it allows nothing, or rows without being allowed */
    public BatchingVerdict {
        if (allowed ? maxRows < 1 : maxRows != 1) {
            throw new IllegalArgumentException("batching of " + maxRows + " rows, allowed: " + allowed);
        }
    }

    public static BatchingVerdict allowed(int maxRows, String reason, RuntimeKind kind) {
        return new BatchingVerdict(true, maxRows, reason, kind);
    }

    public static BatchingVerdict refused(String reason, RuntimeKind kind) {
        return new BatchingVerdict(false, 1, reason, kind);
    }

    /** For a log. */
    public String inWords() {
        return allowed ? "is batched, " + maxRows + " rows at most: " + reason : "is not batched: " + reason;
    }

    /** The same with at most {@code rows} rows. */
    public BatchingVerdict atMost(int rows) {
        return new BatchingVerdict(allowed, Math.min(maxRows, rows), reason, kind);
    }
}
