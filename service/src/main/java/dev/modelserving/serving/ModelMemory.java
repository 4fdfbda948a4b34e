package dev.modelserving.serving;

import dev.modelserving.model.ModelRef;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the models in memory within the budget: room is made by evicting idle models, the least recently used first.
 * Safe for use by several threads; the count of bytes is guarded by this object's lock.
 */
final class ModelMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);

    /** How long to wait for a model to become idle. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final MemoryBudget budget;
    private final Collection<ModelSlot> slots;
    private long used;
    private long evictions;

    /** @param slots every version that may be in memory; read while others change it */
    ModelMemory(MemoryBudget budget, Collection<ModelSlot> slots) {
        this.budget = budget;
        this.slots = slots;
    }

    MemoryBudget budget() {
        return budget;
    }

    synchronized long used() {
        return used;
    }

    synchronized long evictions() {
        return evictions;
    }

    /** @throws LoadFailure when {@code bytes} are more than all models together may take */
    void requirePossible(long bytes, String what) throws LoadFailure {
        if (bytes > budget.bytes()) {
            throw new LoadFailure(
                    LoadFailure.Retry.NEVER,
                    "it can never fit into memory: it needs " + MemoryBudget.written(bytes) + " (" + what
                            + "), and models may take " + MemoryBudget.written(budget.bytes()) + " here ("
                            + budget.arithmetic() + ")");
        }
    }

    /** A version that took more than the budget, and was loaded all the same, needs all of it. */
    long mostOf(long bytes) {
        return Math.min(bytes, budget.bytes());
    }

    /**
     * Takes {@code bytes} of the budget for a version that is about to be loaded. Blocks while every model that could go
     * is in use, for a few seconds at most.
     *
     * @throws LoadFailure when there is no room
     */
    void reserve(ModelRef ref, long bytes) throws LoadFailure, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!tryReserve(bytes)) {
            if (evictOne()) {
                continue;
            }
            synchronized (this) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw noRoom(ref, bytes);
                }
                // Becoming idle tells nobody, so it is looked for.
                wait(Math.min(left, 20));
            }
        }
    }

    /** Puts what a load really took in the place of what was reserved for it. */
    void settle(long reserved, long actual) {
        free(reserved - actual);
        while (isOver() && evictOne()) {
            LOG.debug("models take more than was expected");
        }
    }

    synchronized void free(long bytes) {
        used -= bytes;
        notifyAll();
    }

    private synchronized boolean tryReserve(long bytes) {
        if (used + bytes > budget.bytes()) {
            return false;
        }
        used += bytes;
        return true;
    }

    private synchronized boolean isOver() {
        return used > budget.bytes();
    }

    private synchronized LoadFailure noRoom(ModelRef ref, long bytes) {
        return new LoadFailure(
                LoadFailure.Retry.SOON,
                "there is no memory for " + ref + " now: it needs " + MemoryBudget.written(bytes) + ", and of "
                        + MemoryBudget.written(budget.bytes()) + " (" + budget.arithmetic() + ") "
                        + MemoryBudget.written(used) + " are taken by models in use");
    }

    /** Evicts the idle model that was not used for the longest; says false when none is idle. */
    private boolean evictOne() {
        record Loaded(ModelSlot slot, long idleNanos) {}
        long now = System.nanoTime();
        List<Loaded> longestIdleFirst = slots.stream()
                .filter(slot -> slot.peek().isPresent())
                .map(slot -> new Loaded(slot, now - slot.lastUse()))
                .sorted(Comparator.comparingLong(Loaded::idleNanos).reversed())
                .toList();
        for (Loaded loaded : longestIdleFirst) {
            if (loaded.slot.evictIfIdle()) {
                LOG.debug("evicting {} to make room", loaded.slot.ref());
                synchronized (this) {
                    evictions++;
                }
                return true;
            }
        }
        return false;
    }
}
