package dev.modelserving.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import org.jspecify.annotations.Nullable;

/**
 * Ends one run early, from any thread; before the run has begun, it keeps it from beginning. The lock keeps the native
 * options alive while they are told to terminate.
 */
public final class RunInterrupt {
    private boolean interrupted;
    private @Nullable RunOptions running;

    /** Ends the run within milliseconds if there is one; no effect after it. */
    public synchronized void interrupt() {
        interrupted = true;
        terminate();
    }

    public synchronized boolean isInterrupted() {
        return interrupted;
    }

    synchronized void begin(RunOptions options) {
        running = options;
        if (interrupted) {
            terminate();
        }
    }

    synchronized void end() {
        running = null;
    }

    private void terminate() {
        if (running != null) {
            try {
                running.setTerminate(true);
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
