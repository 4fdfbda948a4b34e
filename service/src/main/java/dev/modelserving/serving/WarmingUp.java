package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.runtime.ThreadPriorities;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last step before the service is ready: its champions answer their examples until its code is compiled. Requests that
 * come meanwhile are answered too. Safe for use by several threads.
 */
final class WarmingUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmingUp.class);
    private static final int MOST_EXAMPLES = 4;

    private final Duration limit;
    private final ThreadFactory threads;

    /** Of the models that are in memory, until they have been used. */
    private final Map<ModelRef, List<InferenceRequest>> examples = new ConcurrentHashMap<>();

    private volatile State state = State.COLLECTING;

    private enum State {
        COLLECTING,
        RUNNING,
        DONE
    }

    /** @param limit 0: nothing is warmed up */
    WarmingUp(Duration limit, ThreadFactory threads) {
        this.limit = limit;
        this.threads = threads;
        if (limit.isZero()) {
            state = State.DONE;
        }
    }

    /** What a model has just answered. Once warming up has begun it is not wanted any more. */
    void offer(ModelRef ref, List<InferenceRequest> answered) {
        if (state == State.COLLECTING) {
            examples.put(ref, answered.subList(0, Math.min(MOST_EXAMPLES, answered.size())));
        }
    }

    /**
     * Begins, unless it has. Does not block. For one thread.
     *
     * @param whenDone is run when it ends, on a thread of its own
     * @return whether it is done
     */
    boolean begin(Routes routes, WarmUp warmUp, Runnable whenDone) {
        if (state == State.COLLECTING) {
            Map<ModelId, List<InferenceRequest>> requests = requests(routes);
            state = requests.isEmpty() ? State.DONE : State.RUNNING;
            examples.clear();
            if (state == State.RUNNING) {
                threads.newThread(() -> run(warmUp, requests, whenDone)).start();
            }
        }
        return state == State.DONE;
    }

    private Map<ModelId, List<InferenceRequest>> requests(Routes routes) {
        Map<ModelId, List<InferenceRequest>> requests = new HashMap<>();
        examples.forEach((ref, answered) -> {
            Optional<ModelSlot> champion = routes.champion(ref.id());
            if (champion.isPresent() && champion.get().ref().equals(ref) && !answered.isEmpty()) {
                requests.put(ref.id(), answered);
            }
        });
        return requests;
    }

    private void run(WarmUp warmUp, Map<ModelId, List<InferenceRequest>> requests, Runnable whenDone) {
        try {
            warmUp.run(requests, limit);
        } catch (RuntimeException | Error e) {
            LOG.warn("warming up failed; the first requests will take longer", e);
        } finally {
            ThreadPriorities.lowerCompilers(); // from now on it would be callers who wait for them
            state = State.DONE;
            whenDone.run();
        }
    }
}
