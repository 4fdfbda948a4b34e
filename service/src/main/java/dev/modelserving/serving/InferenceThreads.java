package dev.modelserving.serving;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
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

    /** Answers with DEADLINE_EXCEEDED, and ends the run if there is one, unless there is an answer by then. */
    void interruptAfter(Duration timeout, CompletableFuture<?> answer, RunInterrupt interrupt) {
        ScheduledFuture<?> alarm = deadlines.schedule(
                () -> {
                    answer.completeExceptionally(new InferenceException(
                            Kind.DEADLINE_EXCEEDED, "there was no answer within " + timeout.toMillis() + " ms"));
                    interrupt.interrupt();
                },
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
        answer.whenComplete((done, failure) -> alarm.cancel(false));
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
