package dev.modelserving.serving;

import dev.modelserving.batching.Call;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One prediction on its way. It is told one thing, an answer or a failure, by whoever comes first: the thread that
 * computes or the deadline. It is closed by the thread that has worked on it, after its lease.
 */
final class PendingPrediction implements Call {
    private final Prediction prediction;
    private final long begin = System.nanoTime();
    private final InferenceThreads threads;
    private final AtomicBoolean told = new AtomicBoolean();

    /** Run by whoever ends the wait for the model: the thread that has it, or the deadline. */
    private final AtomicReference<@Nullable Runnable> whenLeft = new AtomicReference<>();

    /** What follows is handed from thread to thread with the prediction itself. */
    private @Nullable ModelLease lease;

    private @Nullable InferenceRequest request;
    private @Nullable Future<?> alarm;
    private boolean isTakenForQuick;
    private long readNanos;
    private long started;
    private boolean isReadWhenStarted;
    private Duration timeout;
    private long deadlineNanos;

    PendingPrediction(Prediction prediction, Duration timeout, InferenceThreads threads) {
        this.prediction = prediction;
        this.timeout = timeout;
        this.deadlineNanos = begin + timeout.toNanos();
        this.threads = threads;
    }

    /** Whether there is nobody left to tell. */
    @Override
    public boolean isDone() {
        return told.get() || prediction.isCancelled();
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** From now on the deadline ends it. For what waits or may take its time; nothing else needs a clock. */
    private void watch() {
        if (alarm == null) {
            alarm = threads.after(Duration.ofNanos(deadlineNanos - System.nanoTime()), this::endAtDeadline);
        }
    }

    /** The request may say that its caller waits for less time than others. */
    private void hurry(InferenceRequest read) {
        Optional<Duration> asked = read.timeout().filter(less -> less.compareTo(timeout) < 0);
        if (asked.isEmpty()) {
            return;
        }
        timeout = asked.get();
        deadlineNanos = begin + timeout.toNanos();
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            throw isLate();
        }
        if (alarm != null) {
            alarm.cancel(false);
            alarm = null;
            watchOrStop();
        }
    }

    private void watchOrStop() {
        try {
            watch();
        } catch (RejectedExecutionException e) {
            throw isStopping();
        }
    }

    private void endAtDeadline() {
        tell(isLate());
        if (leave()) {
            prediction.close();
        }
    }

    private InferenceException isLate() {
        return new InferenceException(Kind.DEADLINE_EXCEEDED, "there was no answer within " + told(timeout));
    }

    private static String told(Duration timeout) {
        return timeout.toMillis() > 0 ? timeout.toMillis() + " ms" : timeout.toNanos() / 1000 + " µs";
    }

    /** Waits for its model, until {@link #resume} or {@link #giveUp} or the deadline; {@code left} is run then. */
    void await(Runnable left) {
        whenLeft.set(left);
        try {
            watchOrStop();
        } catch (InferenceException e) {
            giveUp(e);
        }
    }

    private static InferenceException isStopping() {
        return new InferenceException(Kind.NOT_READY, "this replica is stopping");
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
            end(why);
        }
    }

    /** Takes over the lease for which it was waiting. */
    void resume(ModelLease leased) {
        if (leave()) {
            lease = leased;
            queueUnread(leased);
        } else {
            leased.close();
        }
    }

    /** Takes over the lease. Has this thread compute what takes no time, and queues everything else. */
    void begin(ModelLease leased) {
        lease = leased;
        Optional<QuickRuns> here = prediction.quickRuns();
        if (here.isEmpty()) {
            queueUnread(leased);
            return;
        }
        InferenceRequest read;
        try {
            read = read(leased);
        } catch (RuntimeException | Error e) {
            end(e);
            return;
        }
        request = read;
        if (leased.isQuick(read)) {
            isTakenForQuick = true;
            here.get().add(leased.queues().of(here.get()), this);
        } else {
            queueRead(leased);
        }
    }

    private InferenceRequest read(ModelLease leased) {
        long now = System.nanoTime();
        InferenceRequest read = prediction.read(leased.ref(), leased.signature());
        readNanos = System.nanoTime() - now;
        hurry(read);
        return read;
    }

    private void queueRead(ModelLease leased) {
        if (isWatched() && !threads.runners().submit(leased.queues().ofRunners(), this)) {
            end(isTooMany());
        }
    }

    /** It is read by the thread that computes. */
    private void queueUnread(ModelLease leased) {
        if (isWatched() && !threads.runners().submitAlone(leased.queues().ofRunners(), this)) {
            end(isTooMany());
        }
    }

    /** Unless everything ends. */
    private boolean isWatched() {
        try {
            watchOrStop();
            return true;
        } catch (InferenceException e) {
            end(e);
            return false;
        }
    }

    private InferenceException isTooMany() {
        return new InferenceException(
                Kind.OVERLOADED, "too many predictions are waiting (" + threads.queueSize() + "); try again later");
    }

    @Override
    public InferenceRequest request() {
        started = System.nanoTime();
        InferenceRequest read = request;
        if (read == null) {
            read = read(Objects.requireNonNull(lease));
            isReadWhenStarted = true;
            request = read;
        }
        return read;
    }

    /** The lease ends before the answer is told: whoever has it finds the model idle. */
    @Override
    public void complete(InferenceResponse response) {
        ModelLease leased = Objects.requireNonNull(lease);
        leased.close();
        if (told.compareAndSet(false, true)) {
            long computed = System.nanoTime();
            try {
                count(leased.counters(), computed); // before its caller can ask for the counts
                prediction.answer(leased.ref(), response);
                leased.counters().answered(System.nanoTime() - computed);
            } catch (RuntimeException | Error e) {
                prediction.fail(known(e));
            }
        }
        close();
    }

    /** What was read before it was started is no part of its run. */
    private void count(RunCounters counters, long computed) {
        long readWhileStarted = isReadWhenStarted ? readNanos : 0;
        counters.succeeded(
                started - begin - (readNanos - readWhileStarted),
                readNanos,
                computed - started - readWhileStarted,
                computed - begin);
    }

    @Override
    public void fail(Throwable why) {
        if (isTakenForQuick && isEnded(why) && deadlineNanos - System.nanoTime() > 0) {
            isTakenForQuick = false;
            queueRead(Objects.requireNonNull(lease));
        } else {
            end(why);
        }
    }

    private static boolean isEnded(Throwable why) {
        return why instanceof InferenceException failure && failure.kind() == Kind.DEADLINE_EXCEEDED;
    }

    @Override
    public void drop() {
        end(isLate());
    }

    /** Tells why there is no answer, and lets go of everything. */
    void end(Throwable failure) {
        ModelLease leased = lease;
        if (leased != null) {
            leased.close();
        }
        if (tell(failure) && leased != null) {
            leased.counters().failed(System.nanoTime() - begin);
        }
        close();
    }

    /** Unless it was told something before; says whether it was not. */
    private boolean tell(Throwable failure) {
        boolean isFirst = told.compareAndSet(false, true);
        if (isFirst) {
            prediction.fail(known(failure));
        }
        return isFirst;
    }

    private static Throwable known(Throwable failure) {
        return failure instanceof OutOfMemoryError
                ? new InferenceException(
                        Kind.OVERLOADED, "there is not enough memory for this request now; try again later")
                : failure;
    }

    /** Nothing of it is used any more. */
    private void close() {
        if (alarm != null) {
            alarm.cancel(false);
        }
        prediction.close();
    }
}
