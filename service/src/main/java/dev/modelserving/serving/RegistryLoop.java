package dev.modelserving.serving;

import dev.modelserving.registry.RegistryFollower;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that follows the registry: it looks at it again and again, has the routes moved after each look and each
 * load, and reports. While the registry cannot be read, the time between two looks doubles up to a limit, with some
 * chance in it so that replicas do not all come back at the same moment.
 */
final class RegistryLoop {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryLoop.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration REPORT_CHECK_INTERVAL = Duration.ofSeconds(5);
    private static final int MOST_DOUBLINGS = 16;

    private final RegistryFollower follower;
    private final ChampionKeeper keeper;
    private final Readiness readiness;
    private final ReplicaReporter reporter;
    private final Runnable bookkeeping;
    private final ScheduledExecutorService thread;
    private final AtomicBoolean reconcilingSoon = new AtomicBoolean();
    private int failures;

    /**
     * @param bookkeeping is done every few seconds
     * @param thread has one thread; the caller's to shut down
     */
    RegistryLoop(
            RegistryFollower follower,
            ChampionKeeper keeper,
            Readiness readiness,
            ReplicaReporter reporter,
            Runnable bookkeeping,
            ScheduledExecutorService thread) {
        this.follower = follower;
        this.keeper = keeper;
        this.readiness = readiness;
        this.reporter = reporter;
        this.bookkeeping = bookkeeping;
        this.thread = thread;
    }

    /** Begins to look, every {@code interval}. */
    void start(Duration interval) {
        thread.execute(() -> look(interval));
        thread.scheduleWithFixedDelay(
                () -> guarded(() -> {
                    reporter.reportWhenDue();
                    bookkeeping.run();
                }),
                REPORT_CHECK_INTERVAL.toMillis(),
                REPORT_CHECK_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** After a load has ended. Several at the same time make one round. */
    void reconcileSoon() {
        if (reconcilingSoon.compareAndSet(false, true)) {
            try {
                thread.execute(() -> {
                    reconcilingSoon.set(false);
                    guarded(this::reconcile);
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("a model was loaded after the registry's thread had stopped");
            }
        }
    }

    private void look(Duration interval) {
        guarded(() -> {
            follower.poll();
            reconcile();
        });
        failures = follower.health().failure().isPresent() ? failures + 1 : 0;
        try {
            thread.schedule(() -> look(interval), pause(interval, failures).toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the registry's thread was told to stop");
        }
    }

    private void reconcile() {
        readiness.update(keeper.reconcile());
        reporter.reportWhenDue();
    }

    private static Duration pause(Duration interval, int failures) {
        if (failures == 0 || interval.compareTo(LONGEST_PAUSE) >= 0) {
            return interval;
        }
        long longest =
                Math.min(LONGEST_PAUSE.toMillis(), interval.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
    }

    /** The thread must outlive whatever goes wrong in one round, also when memory is short for a moment. */
    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.error("following the registry failed, trying again at the next look", e);
        }
    }
}
