package dev.modelserving.serving;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads with numbered names. */
final class NamedThreads {
    private NamedThreads() {}

    static ThreadFactory of(String name) {
        return of(name, Thread.NORM_PRIORITY);
    }

    /** On Linux a priority counts only under {@code -XX:ThreadPriorityPolicy=1}. */
    @SuppressWarnings("ThreadPriorityCheck")
    static ThreadFactory of(String name, int priority) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.setPriority(priority);
            return thread;
        };
    }
}
