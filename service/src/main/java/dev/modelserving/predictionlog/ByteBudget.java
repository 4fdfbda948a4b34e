package dev.modelserving.predictionlog;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes the log holds, of those that it may. Safe for use by several threads. */
final class ByteBudget {
    private final long most;
    private final AtomicLong held = new AtomicLong();

    ByteBudget(long most) {
        this.most = most;
    }

    /** Takes {@code bytes}, or nothing when that would be too many. */
    boolean tryTake(long bytes) {
        long before = held.get();
        while (before + bytes <= most) {
            if (held.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = held.get();
        }
        return false;
    }

    /** Instead of {@code before} bytes, which were taken, {@code after} are held now. */
    void replace(long before, long after) {
        held.addAndGet(after - before);
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
