package dev.modelserving.predictionlog;

import dev.modelserving.artifact.ResultStore;
import dev.modelserving.predictionlog.PredictionLogHealth.Failure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes files, each again and again under the same key until it is written: a file of which nobody knows whether it
 * arrived is replaced by itself. Safe for use by several threads.
 */
final class Uploads {
    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

    private static final String CONTENT_TYPE = "application/x-ndjson";

    private static final int AT_THE_SAME_TIME = 4;
    private static final Duration LEAST_DELAY = Duration.ofMillis(100);
    private static final Duration MOST_DELAY = Duration.ofSeconds(5);

    private final ResultStore store;
    private final Clock clock;
    private final ByteBudget budget;
    private final ExecutorService threads;
    private final CountDownLatch closing = new CountDownLatch(1);

    private volatile State state = new State(false, null);
    private volatile boolean ended;
    private volatile Written written = new Written(0, 0);

    /**
     * @param refused whether the last attempt failed
     * @param last the last attempt that failed
     */
    record State(boolean refused, @Nullable Failure last) {}

    /** What is in the store. */
    record Written(long files, long lines) {
        Written and(FinishedFile file) {
            return new Written(files + 1, lines + file.lines);
        }
    }

    /** @param budget to which is given back what the files take */
    Uploads(ResultStore store, Clock clock, ByteBudget budget) {
        this.store = store;
        this.clock = clock;
        this.budget = budget;
        AtomicInteger number = new AtomicInteger();
        threads = Executors.newFixedThreadPool(AT_THE_SAME_TIME, work -> {
            Thread thread = new Thread(work, "prediction-log-upload-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    State state() {
        return state;
    }

    Written written() {
        return written;
    }

    /** Takes over a file; does not wait. */
    void add(FinishedFile file) {
        threads.execute(() -> write(file));
    }

    private void write(FinishedFile file) {
        try {
            Duration delay = LEAST_DELAY;
            while (!isWritten(file)) {
                if (ended) {
                    return;
                }
                pause(delay);
                delay = delay.multipliedBy(2).compareTo(MOST_DELAY) < 0 ? delay.multipliedBy(2) : MOST_DELAY;
            }
            settle(file);
        } catch (InterruptedException e) {
            // The log is closed, and says itself what is lost.
            Thread.currentThread().interrupt();
        }
    }

    private boolean isWritten(FinishedFile file) throws InterruptedException {
        try {
            store.put(file.key, file.content, CONTENT_TYPE);
            becomes(null);
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            becomes(new Failure(clock.instant(), String.valueOf(e.getMessage())));
            return false;
        }
    }

    private synchronized void settle(FinishedFile file) {
        written = written.and(file);
        budget.giveBack(file.heldBytes);
    }

    private synchronized void becomes(@Nullable Failure failure) {
        if (failure == null) {
            if (state.refused()) {
                LOG.info("the prediction log is written again");
            }
            state = new State(false, state.last());
        } else {
            if (!state.refused()) {
                LOG.warn("the prediction log cannot be written, keeping it and trying again: {}", failure.reason());
            }
            state = new State(true, failure);
        }
    }

    /** Longer from time to time, and not all at once; short when there is little time left. */
    private void pause(Duration delay) throws InterruptedException {
        long millis = delay.toMillis();
        if (closing.await(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1), TimeUnit.MILLISECONDS)) {
            TimeUnit.MILLISECONDS.sleep(LEAST_DELAY.toMillis());
        }
    }

    /** Writes what is left, within {@code limit}, and takes nothing any more. */
    void close(Duration limit) throws InterruptedException {
        closing.countDown();
        threads.shutdown();
        if (!threads.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            // Also for those who are told by an interrupt, and let it pass.
            ended = true;
            threads.shutdownNow();
        }
    }
}
