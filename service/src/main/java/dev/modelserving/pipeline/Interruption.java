package dev.modelserving.pipeline;

import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish of another thread that a run of the pipeline ends: native code cannot be left by an exception, so the run ends
 * at its next step. Safe for use by several threads.
 */
public final class Interruption {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final RunInterrupt runs = new RunInterrupt();

    /** Ends a prediction under way at once, and the pipeline before its next step. Does not wait. */
    public void request() {
        requested.countDown();
        runs.interrupt();
    }

    RunInterrupt runs() {
        return runs;
    }

    void check() throws InterruptedException {
        if (requested.getCount() == 0) {
            throw new InterruptedException("told to end");
        }
    }

    void pause(Duration duration) throws InterruptedException {
        if (requested.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new InterruptedException("told to end");
        }
    }
}
