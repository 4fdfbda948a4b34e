package dev.modelserving.serving;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.runtime.RunInterrupt;
import dev.modelserving.runtime.ThreadPriorities;
import dev.modelserving.verification.BatchingProof;
import dev.modelserving.verification.VerifiedModel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles which loaded models may be batched here. What the registry says holds for one version of ONNX Runtime and one
 * kind of CPU; on another, and where it says nothing, it is proven again in the background, on one thread that lets all
 * others go before it, and the model is not batched until then. A proof holds the model only while it runs it, so that it
 * can be evicted in between; then the next load begins a new one. Safe for use by several threads.
 */
final class BatchingProver {
    static final BatchingVerdict PENDING = BatchingVerdict.refused(
            "it is being tried on this version of ONNX Runtime and this kind of CPU", RuntimeKind.ANY);

    private static final Logger LOG = LoggerFactory.getLogger(BatchingProver.class);

    private final Supplier<RuntimeKind> here;
    private final ExecutorService thread;
    private final RunInterrupt interrupt = new RunInterrupt();
    private final AtomicInteger unfinished = new AtomicInteger();

    /** @param here what computes in this process */
    BatchingProver(Supplier<RuntimeKind> here) {
        this(here, Executors.newSingleThreadExecutor(NamedThreads.of("batching-proof", ThreadPriorities::lowerOwn)));
    }

    /** @param thread is shut down when this is stopped */
    BatchingProver(Supplier<RuntimeKind> here, ExecutorService thread) {
        this.here = here;
        this.thread = thread;
    }

    /** Settles it now, or begins to find out. Does not block. */
    void settle(LoadedModel model, ModelSlot slot, VersionRecord version, VerifiedModel verified) {
        BatchingVerdict verdict = version.batching()
                .filter(known -> known.kind().covers(here.get()))
                .or(() -> slot.batching().filter(known -> !known.equals(PENDING)))
                .or(() -> BatchingProof.withoutRuns(verified, version.maxBatchSize()))
                .map(known -> known.atMost(version.maxBatchSize()))
                .orElse(PENDING);
        tell(model, slot, verdict);
        if (verdict.equals(PENDING)) {
            begin(model, slot, version, verified);
        }
    }

    private static void tell(LoadedModel model, ModelSlot slot, BatchingVerdict verdict) {
        model.settleBatching(verdict);
        slot.settleBatching(verdict);
    }

    private void begin(LoadedModel model, ModelSlot slot, VersionRecord version, VerifiedModel verified) {
        unfinished.incrementAndGet();
        try {
            thread.execute(() -> {
                try {
                    prove(model, slot, version, verified);
                } finally {
                    unfinished.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            unfinished.decrementAndGet();
        }
    }

    private void prove(LoadedModel model, ModelSlot slot, VersionRecord version, VerifiedModel verified) {
        try {
            BatchingVerdict verdict =
                    BatchingProof.of(verified, version.maxBatchSize(), request -> run(model, request));
            LOG.info("{} {}", version.ref(), verdict.inWords());
            tell(model, slot, verdict);
        } catch (InferenceException e) {
            LOG.debug("whether {} may be batched is not known: {}", version.ref(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{} is not batched, because trying it failed in a way that it should not", version.ref(), e);
            tell(model, slot, BatchingVerdict.refused("trying it failed: " + e, here.get()));
        }
    }

    private InferenceResponse run(LoadedModel model, InferenceRequest request) {
        Optional<ModelLease> lease = model.lease();
        if (lease.isEmpty()) {
            throw new InferenceException(Kind.DEADLINE_EXCEEDED, model.ref() + " is not in memory any more");
        }
        try (ModelLease held = lease.get()) {
            return held.tryOut(request, TensorMemory.collected(), interrupt);
        }
    }

    /** Whether nothing is being tried. */
    boolean isIdle() {
        return unfinished.get() == 0;
    }

    /** Ends what is being tried. Waits until the model is let go of, {@code limit} at most. */
    void stop(Duration limit) throws InterruptedException {
        interrupt.interrupt();
        thread.shutdownNow();
        thread.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
}
