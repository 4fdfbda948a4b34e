package dev.modelserving.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Native options of runs that ended by themselves, for the next ones. Safe for use by several threads. */
final class RunOptionsPool implements AutoCloseable {
    private final ConcurrentLinkedQueue<RunOptions> idle = new ConcurrentLinkedQueue<>();

    RunOptions take() throws OrtException {
        RunOptions options = idle.poll();
        return options == null ? new RunOptions() : options;
    }

    /** @param usable not told to terminate, and without entries */
    void giveBack(RunOptions options, boolean usable) {
        if (usable) {
            idle.add(options);
        } else {
            options.close();
        }
    }

    @Override
    public void close() {
        for (@Nullable RunOptions options = idle.poll(); options != null; options = idle.poll()) {
            options.close();
        }
    }
}
