package dev.modelserving.serving;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts how many predictions found their model in memory, and tells the log now and then. Counting is for any thread,
 * logging for one.
 */
final class CacheUsage {
    private static final Logger LOG = LoggerFactory.getLogger(CacheUsage.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final LongAdder found = new LongAdder();
    private final LongAdder missed = new LongAdder();
    private long lastNanos = System.nanoTime();
    private long lastFound;
    private long lastMissed;

    void count(boolean wasInMemory) {
        (wasInMemory ? found : missed).increment();
    }

    /** Says nothing while every model that was asked for was there. */
    void logWhenDue(ModelCache cache) {
        if (System.nanoTime() - lastNanos < INTERVAL.toNanos()) {
            return;
        }
        long hits = found.sum();
        long misses = missed.sum();
        long newHits = hits - lastFound;
        long newMisses = misses - lastMissed;
        if (newMisses > 0) {
            ModelCache.Usage usage = cache.usage();
            LOG.info(
                    "{} of {} versions in memory, {} of {}; {} of the last {} predictions found their model there; {} evicted"
                            + " since the start",
                    usage.loaded(),
                    usage.known(),
                    MemoryBudget.written(usage.bytes()),
                    MemoryBudget.written(cache.budget().bytes()),
                    String.format(Locale.ROOT, "%.1f %%", 100.0 * newHits / (newHits + newMisses)),
                    newHits + newMisses,
                    usage.evictions());
        }
        lastNanos = System.nanoTime();
        lastFound = hits;
        lastMissed = misses;
    }
}
