package dev.modelserving.serving;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One prediction on its way. It is told one thing, an answer or a failure, by whoever comes first: the thread that
 * computes or the deadline. It is closed by the thread that has worked on it, after its lease.
 */
final class PendingPrediction {
    private final Prediction prediction;
    private final Duration timeout;
    private final InferenceThreads threads;
    private final RunInterrupt interrupt = new RunInterrupt();
    private final AtomicBoolean told = new AtomicBoolean();

    /** Run by whoever ends the wait for the model: the thread that has it, or the deadline. */
    private final AtomicReference<@Nullable Runnable> whenLeft = new AtomicReference<>();

    private @Nullable Future<?> alarm;

    PendingPrediction(Prediction prediction, Duration timeout, InferenceThreads threads) {
        this.prediction = prediction;
        this.timeout = timeout;
        this.threads = threads;
    }

    /** Whether there is nobody left to tell. */
    boolean isOver() {
        return told.get() || prediction.isCancelled();
    }

    /** From now on the deadline ends it. For what waits or may take its time; nothing else needs a clock. */
    private void watch() {
        if (alarm == null) {
            alarm = threads.after(timeout, this::endAtDeadline);
        }
    }

    private void endAtDeadline() {
        fail(new InferenceException(
                Kind.DEADLINE_EXCEEDED, "there was no answer within " + timeout.toMillis() + " ms"));
        interrupt.interrupt();
        if (leave()) {
            prediction.close();
        }
    }

    /** Waits for its model, until {@link #resume} or {@link #giveUp} or the deadline; {@code left} is run then. */
    void await(Runnable left) {
        whenLeft.set(left);
        try {
            watch();
        } catch (RejectedExecutionException e) {
            giveUp(new InferenceException(Kind.NOT_READY, "this replica is stopping"));
        }
    }

    /** Whether it was waiting for its model until now. */
    private boolean leave() {
        Runnable left = whenLeft.getAndSet(null);
        if (left != null) {
            left.run();
        }
        return left != null;
    }

    /** Its model is not to be had. */
    void giveUp(InferenceException why) {
        if (leave()) {
            fail(why);
            close();
        }
    }

    /** Takes over the lease for which it was waiting. */
    void resume(ModelLease lease) {
        if (leave()) {
            enqueue(lease);
        } else {
            lease.close();
        }
    }

    /** Takes over the lease. Computes here what takes no time, and queues everything else. */
    void begin(ModelLease lease) {
        if (!prediction.isSmall()) {
            enqueue(lease);
            return;
        }
        InferenceRequest request;
        try {
            request = prediction.read(lease.ref(), lease.signature());
        } catch (RuntimeException | Error e) {
            end(lease, e);
            return;
        }
        if (lease.isQuick(request)) {
            compute(lease, request);
        } else {
            enqueue(lease, () -> compute(lease, request));
        }
    }

    /** Takes over the lease, and does everything on a thread that may compute. */
    private void enqueue(ModelLease lease) {
        enqueue(lease, () -> {
            if (isOver()) {
                lease.close();
                close();
                return;
            }
            try {
                compute(lease, prediction.read(lease.ref(), lease.signature()));
            } catch (RuntimeException | Error e) {
                end(lease, e);
            }
        });
    }

    private void enqueue(ModelLease lease, Runnable work) {
        try {
            watch();
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            end(
                    lease,
                    new InferenceException(
                            Kind.OVERLOADED,
                            "too many predictions are waiting (" + threads.queueSize() + "); try again later"));
        }
    }

    /** The lease ends before the answer is told: whoever has it finds the model idle. */
    private void compute(ModelLease lease, InferenceRequest request) {
        InferenceResponse response;
        try {
            if (isOver()) {
                lease.close();
                close();
                return;
            }
            response = lease.run(request, prediction.memory(), interrupt);
        } catch (RuntimeException | Error e) {
            end(lease, e);
            return;
        }
        lease.close();
        if (told.compareAndSet(false, true)) {
            try {
                prediction.answer(lease.ref(), response);
            } catch (RuntimeException | Error e) {
                prediction.fail(known(e));
            }
        }
        close();
    }

    private void end(ModelLease lease, Throwable failure) {
        lease.close();
        fail(failure);
        close();
    }

    /** Unless it was told something before. */
    private void fail(Throwable failure) {
        if (told.compareAndSet(false, true)) {
            prediction.fail(known(failure));
        }
    }

    private static Throwable known(Throwable failure) {
        return failure instanceof OutOfMemoryError
                ? new InferenceException(
                        Kind.OVERLOADED, "there is not enough memory for this request now; try again later")
                : failure;
    }

    /** Refused before it began. */
    void refuse(InferenceException why) {
        fail(why);
        close();
    }

    /** Nothing of it is used any more. */
    private void close() {
        if (alarm != null) {
            alarm.cancel(false);
        }
        prediction.close();
    }
}
