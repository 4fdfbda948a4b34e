package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the batches of one model were measured to cost, for each {@link BatchKey}, and so how many rows pay. Bounded: of
 * many keys, those are forgotten that have not been asked for. For use by several threads and all queues of the model.
 */
public final class BatchCosts {
    /** Kept of late, and as many of before. */
    private static final int GENERATION = 128;

    private final int maxRows;
    private volatile ConcurrentHashMap<BatchKey, KeyCosts> recent = new ConcurrentHashMap<>();
    private volatile ConcurrentHashMap<BatchKey, KeyCosts> older = new ConcurrentHashMap<>();

    /**
     * @param maxRows no batch of more rows is joined; 1: requests are never joined
     * @throws IllegalArgumentException when it is below 1
     */
    public BatchCosts(int maxRows) {
        if (maxRows < 1) {
            throw new IllegalArgumentException("maxRows " + maxRows + " (expected: 1 or more)");
        }
        this.maxRows = maxRows;
    }

    /** How long {@code request} alone will take, in nanoseconds; 0: unknown. */
    public long nanos(InferenceRequest request) {
        KeyCosts known = find(BatchKey.of(request));
        return known == null ? 0 : known.nanos(Batch.rows(request));
    }

    KeyCosts of(BatchKey key) {
        KeyCosts found = find(key);
        if (found != null) {
            return found;
        }
        return keep(key, new KeyCosts(key, maxRows));
    }

    private @Nullable KeyCosts find(BatchKey key) {
        KeyCosts found = recent.get(key);
        if (found != null) {
            return found;
        }
        KeyCosts asked = older.get(key);
        return asked == null ? null : keep(key, asked);
    }

    private KeyCosts keep(BatchKey key, KeyCosts costs) {
        KeyCosts first = recent.putIfAbsent(key, costs);
        if (recent.size() > GENERATION) {
            startGeneration();
        }
        return first == null ? costs : first;
    }

    private synchronized void startGeneration() {
        if (recent.size() > GENERATION) {
            older = recent;
            recent = new ConcurrentHashMap<>();
        }
    }
}
