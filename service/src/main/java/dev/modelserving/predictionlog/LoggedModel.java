package dev.modelserving.predictionlog;

import dev.modelserving.model.ModelId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** What is logged of one model, and how much of it was. Safe for use by several threads. */
final class LoggedModel {
    private final ModelId id;
    private final double share;
    private final AtomicLong sequence = new AtomicLong();
    private final Map<DropReason, Long> dropped = new ConcurrentHashMap<>();

    LoggedModel(ModelId id, double share) {
        this.id = id;
        this.share = share;
    }

    ModelId id() {
        return id;
    }

    /** Whether the next prediction is to be logged. */
    boolean selects(DoubleSupplier random) {
        return share >= 1 || (share > 0 && random.getAsDouble() < share);
    }

    /** The number of a prediction that was selected, from 1 on. */
    long nextSequence() {
        return sequence.incrementAndGet();
    }

    long selected() {
        return sequence.get();
    }

    void drop(int predictions, DropReason reason) {
        dropped.merge(reason, (long) predictions, Long::sum);
    }

    Map<DropReason, Long> dropped() {
        return dropped;
    }
}
