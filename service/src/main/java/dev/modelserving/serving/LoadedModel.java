package dev.modelserving.serving;

import dev.modelserving.batching.Batch;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A model in memory with the count of those who use it. Its native memory is freed by whoever lets go of it last: closing
 * a session while it runs would crash the process.
 */
final class LoadedModel {
    private final ModelRef ref;
    private final OrtModel model;
    private final long memoryBytes;
    private final Instant loadedAt;
    private final Consumer<LoadedModel> whenClosed;
    private final RunWatch watch;
    private final RunCosts costs = new RunCosts();
    private final RunCounters counters = new RunCounters();

    private volatile BatchingVerdict batching = BatchingProver.PENDING;
    private volatile ModelQueues queues = new ModelQueues(this, 1);

    /** One for the cache until it retires the model, and one for each lease. At 0 the model is closed for good. */
    private final AtomicInteger uses = new AtomicInteger(1);

    /**
     * Takes over the model, and closes it after the last use.
     *
     * @param memoryBytes of native memory that it took while it was loaded and warmed up
     * @param whenClosed is told once its memory is free
     * @param watch ends runs that take too long
     */
    LoadedModel(
            ModelRef ref,
            OrtModel model,
            long memoryBytes,
            Instant loadedAt,
            Consumer<LoadedModel> whenClosed,
            RunWatch watch) {
        this.ref = ref;
        this.model = model;
        this.memoryBytes = memoryBytes;
        this.loadedAt = loadedAt;
        this.whenClosed = whenClosed;
        this.watch = watch;
    }

    ModelRef ref() {
        return ref;
    }

    ModelSignature signature() {
        return model.signature();
    }

    long memoryBytes() {
        return memoryBytes;
    }

    Instant loadedAt() {
        return loadedAt;
    }

    /**
     * Computes on this thread, and learns how long it takes.
     *
     * @param begin now, as {@link System#nanoTime} tells time
     * @param end when it is ended
     * @throws InferenceException DEADLINE_EXCEEDED when it was ended
     */
    InferenceResponse run(InferenceRequest request, TensorMemory memory, long begin, long end) {
        try (RunWatch.Watched watched = watch.until(end)) {
            InferenceResponse response = model.run(request, memory, watched.interrupt());
            long nanos = System.nanoTime() - begin;
            costs.add(request, nanos);
            counters.ran(Batch.rows(request), nanos);
            return response;
        } catch (InferenceException e) {
            if (e.kind() == Kind.DEADLINE_EXCEEDED) {
                costs.add(request, System.nanoTime() - begin);
            }
            throw e;
        }
    }

    /** What it has done for callers. */
    RunCounters counters() {
        return counters;
    }

    /** Computes on this thread; of it nothing is learned about how long requests take. */
    InferenceResponse tryOut(InferenceRequest request, TensorMemory memory, RunInterrupt interrupt) {
        return model.run(request, memory, interrupt);
    }

    /** Whether requests may be joined, and up to how many rows; may change once, when it has been found out. */
    BatchingVerdict batching() {
        return batching;
    }

    /** What was learned about costs begins anew; what is queued stays where it is. */
    void settleBatching(BatchingVerdict verdict) {
        batching = verdict;
        queues = new ModelQueues(this, verdict.maxRows());
    }

    /** Where its calls wait from now on. */
    ModelQueues queues() {
        return queues;
    }

    /** Whether a run has been taking so little time that it may be done on any thread. */
    boolean isQuick(InferenceRequest request) {
        return costs.isQuick(request);
    }

    /** A lease, or nothing when the model has been closed. */
    Optional<ModelLease> lease() {
        int before = uses.getAndUpdate(count -> count == 0 ? 0 : count + 1);
        return before == 0 ? Optional.empty() : Optional.of(new ModelLease(this));
    }

    /** Ends one use; the last one closes the model. */
    void release() {
        if (uses.decrementAndGet() == 0) {
            close();
        }
    }

    /** Whether nobody has a lease. */
    boolean isIdle() {
        return uses.get() <= 1;
    }

    /** From now on there are no leases, unless somebody has one. Who was told true has to {@link #close} it. */
    boolean endIfIdle() {
        return uses.compareAndSet(1, 0);
    }

    /** Frees the memory, once nobody can use it any more. */
    void close() {
        model.close();
        whenClosed.accept(this);
    }
}
