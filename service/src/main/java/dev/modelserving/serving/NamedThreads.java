package dev.modelserving.serving;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads with numbered names. */
final class NamedThreads {
    private NamedThreads() {}

    static ThreadFactory of(String name) {
        return of(name, () -> {});
    }

    /** @param first is run by each thread as it begins */
    static ThreadFactory of(String name, Runnable first) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(
                    () -> {
                        first.run();
                        work.run();
                    },
                    name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
