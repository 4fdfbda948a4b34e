package dev.modelserving.serving;

import dev.modelserving.batching.Runners;
import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The threads that compute, the bounded queues in front of them, and the clock that ends what takes too long. */
final class InferenceThreads implements AutoCloseable {
    private final int queueSize;
    private final Runners runners;
    private final RunWatch watch = new RunWatch();
    private final ScheduledThreadPoolExecutor deadlines;

    /** @param memory gives memory of its own to each batch */
    InferenceThreads(int count, int queueSize, Supplier<TensorMemory> memory) {
        this.queueSize = queueSize;
        runners = Runners.start(count, queueSize, NamedThreads.of("inference"), memory);
        deadlines = new ScheduledThreadPoolExecutor(1, NamedThreads.of("deadline"));
        deadlines.setRemoveOnCancelPolicy(true);
        deadlines.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        long interval = RunWatch.INTERVAL.toNanos();
        deadlines.scheduleWithFixedDelay(() -> watch.look(System.nanoTime()), interval, interval, TimeUnit.NANOSECONDS);
    }

    int queueSize() {
        return queueSize;
    }

    Runners runners() {
        return runners;
    }

    RunWatch watch() {
        return watch;
    }

    /**
     * Does {@code work}, which must be short, unless what is returned is cancelled by then.
     *
     * @throws RejectedExecutionException when this is closed
     */
    Future<?> after(Duration time, Runnable work) {
        return deadlines.schedule(work, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Finishes what is queued, within {@code limit}; says whether everything was finished. */
    boolean drain(Duration limit) throws InterruptedException {
        return runners.drain(limit);
    }

    @Override
    public void close() {
        runners.close();
        deadlines.shutdownNow();
    }
}
