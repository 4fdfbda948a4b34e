package dev.modelserving.serving;

import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchKey;
import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.ModelRuntime;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the calls of one loaded model wait: in a queue of the runners, or in one of the thread that has read them. Safe for
 * use by several threads.
 */
final class ModelQueues {
    private static final Logger LOG = LoggerFactory.getLogger(ModelQueues.class);

    /** What was taken for quick and takes longer is ended, and run by the runners: it keeps a whole event loop waiting. */
    private static final long QUICK_LIMIT_NANOS = Duration.ofMillis(100).toNanos();

    private final LoadedModel model;
    private final BatchCosts costs;
    private final BatchQueue ofRunners;
    private final ConcurrentHashMap<QuickRuns, BatchQueue> ofThreads = new ConcurrentHashMap<>();

    /** @param maxRows the most that are joined; 1: nothing is */
    ModelQueues(LoadedModel model, int maxRows) {
        this.model = model;
        this.costs = new BatchCosts(maxRows);
        this.ofRunners = new BatchQueue(costs, new Timed(Long.MAX_VALUE));
    }

    /** The runners' own. */
    BatchQueue ofRunners() {
        return ofRunners;
    }

    /** For the thread of {@code runs} alone. */
    BatchQueue of(QuickRuns runs) {
        BatchQueue known = ofThreads.get(runs);
        return known != null
                ? known
                : ofThreads.computeIfAbsent(runs, any -> new BatchQueue(costs, new Timed(QUICK_LIMIT_NANOS)));
    }

    private final class Timed implements ModelRuntime {
        private final long limitNanos;

        Timed(long limitNanos) {
            this.limitNanos = limitNanos;
        }

        @Override
        public InferenceResponse run(InferenceRequest request, TensorMemory memory, long deadlineNanos) {
            long begin = System.nanoTime();
            return model.run(request, memory, begin, begin + Math.min(limitNanos, deadlineNanos - begin));
        }

        @Override
        public void stopsJoining(BatchKey key, Throwable why) {
            LOG.warn("requests to {} with inputs {} are joined no more: {}", model.ref(), key.inputs(), why.toString());
        }
    }
}
