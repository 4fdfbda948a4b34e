package dev.modelserving.serving;

import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends runs that take longer than they may. One thread looks at all of them many times a second, so that no run costs a
 * timer of its own. Safe for use by several threads.
 */
final class RunWatch {
    /** How often {@link #look} is to be called; a run is ended that much too late at most. */
    static final Duration INTERVAL = Duration.ofMillis(20);

    private final Set<Watched> running = ConcurrentHashMap.newKeySet();

    /** A run that is watched until this is closed. */
    final class Watched implements AutoCloseable {
        private final RunInterrupt interrupt = new RunInterrupt();
        private final long end;

        private Watched(long end) {
            this.end = end;
        }

        RunInterrupt interrupt() {
            return interrupt;
        }

        @Override
        public void close() {
            running.remove(this);
        }
    }

    /** @param deadlineNanos when the run is to be ended, as {@link System#nanoTime} tells time */
    Watched until(long deadlineNanos) {
        Watched watched = new Watched(deadlineNanos);
        running.add(watched);
        return watched;
    }

    /** Ends what is to be ended at {@code now}. */
    void look(long now) {
        for (Watched watched : running) {
            if (watched.end - now <= 0) {
                watched.interrupt.interrupt();
            }
        }
    }
}
