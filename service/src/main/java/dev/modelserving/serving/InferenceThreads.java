package dev.modelserving.serving;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that compute, the bounded queue in front of them, and the clock that ends what takes too long. */
final class InferenceThreads implements Executor, AutoCloseable {
    private final int queueSize;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor deadlines;

    InferenceThreads(int count, int queueSize) {
        this.queueSize = queueSize;
        threads = new ThreadPoolExecutor(
                count, count, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueSize), NamedThreads.of("inference"));
        threads.prestartAllCoreThreads();
        deadlines = new ScheduledThreadPoolExecutor(1, NamedThreads.of("deadline"));
        deadlines.setRemoveOnCancelPolicy(true);
        deadlines.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    int queueSize() {
        return queueSize;
    }

    /** @throws RejectedExecutionException when the queue is full */
    @Override
    public void execute(Runnable work) {
        threads.execute(work);
    }

    /** Does {@code work}, which must be short, unless what is returned is cancelled by then. */
    Future<?> after(Duration time, Runnable work) {
        return deadlines.schedule(work, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Finishes what is queued, within {@code limit}; says whether everything was finished. */
    boolean drain(Duration limit) throws InterruptedException {
        threads.shutdown();
        return threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        deadlines.shutdownNow();
    }
}
