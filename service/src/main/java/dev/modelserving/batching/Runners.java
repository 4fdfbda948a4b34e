package dev.modelserving.batching;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that compute what takes its time, and the calls that wait for them, fair among models. A call never waits
 * while a thread is free; those that come while all are busy are joined. For use by several threads: a lock guards the
 * queues and everything here that changes, and is not held while a call is run or told anything.
 */
public final class Runners implements AutoCloseable {
    /** When the queues are full, they are searched for what may leave, but not by each call that comes. */
    private static final long SEARCH_EVERY_NANOS = Duration.ofMillis(1).toNanos();

    private final int threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition rest = lock.newCondition();
    private final FairTurns turns;
    private long searched = System.nanoTime() - SEARCH_EVERY_NANOS;
    private int idle;
    private boolean stopping;
    private boolean closed;

    private Runners(int threads, int capacity) {
        this.threads = threads;
        this.turns = new FairTurns(capacity);
    }

    /**
     * Starts the threads, which end after {@link #close}.
     *
     * @param capacity how many calls may wait
     * @param memory gives memory of its own to each batch
     */
    public static Runners start(int threads, int capacity, ThreadFactory factory, Supplier<TensorMemory> memory) {
        Runners runners = new Runners(threads, capacity);
        for (int index = 0; index < threads; index++) {
            BatchRun run = new BatchRun(memory, System::nanoTime);
            factory.newThread(() -> runners.runAll(run)).start();
        }
        return runners;
    }

    /**
     * Takes over a call whose request is at hand.
     *
     * @param queue given to these runners alone
     * @return false when too many wait or nothing is taken any more; the call is as it was then
     */
    public boolean submit(BatchQueue queue, Call call) {
        return submit(queue, call, false);
    }

    /** The same with a call whose request is made on the thread that runs it; it is joined with nothing. */
    public boolean submitAlone(BatchQueue queue, Call call) {
        return submit(queue, call, true);
    }

    private boolean submit(BatchQueue queue, Call call, boolean alone) {
        List<Call> over = List.of();
        lock.lock();
        try {
            if (turns.isFull()) {
                over = removeOver(System.nanoTime());
            }
            if (stopping || turns.isFull()) {
                return false;
            }
            if (alone) {
                turns.addAlone(queue, call);
            } else {
                turns.add(queue, call);
            }
            if (idle > 0) {
                work.signal();
            }
            return true;
        } finally {
            lock.unlock();
            over.forEach(Call::drop);
        }
    }

    private List<Call> removeOver(long now) {
        if (now - searched < SEARCH_EVERY_NANOS) {
            return List.of();
        }
        searched = now;
        return turns.removeOver(now);
    }

    /** How many calls wait. */
    public int waiting() {
        lock.lock();
        try {
            return turns.waiting();
        } finally {
            lock.unlock();
        }
    }

    private void runAll(BatchRun run) {
        Turn turn = next(run, null);
        while (turn != null) {
            runOnce(run, turn);
            turn = next(run, turn);
        }
    }

    /** What a thread runs, and since when. */
    private record Turn(BatchQueue queue, long began) {}

    /** Waits for work; nothing when there will be none. */
    private @Nullable Turn next(BatchRun run, @Nullable Turn ended) {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (ended != null) {
                turns.ran(ended.queue, run, now - ended.began);
            }
            BatchQueue queue = turns.take(run, now);
            idle++;
            while (queue == null) {
                if (closed) {
                    return null;
                }
                if (idle == threads) {
                    rest.signalAll();
                }
                work.awaitUninterruptibly();
                now = System.nanoTime();
                queue = turns.take(run, now);
            }
            idle--;
            return new Turn(queue, now);
        } finally {
            lock.unlock();
        }
    }

    /** A thread goes on whatever a call may have done. */
    private static void runOnce(BatchRun run, Turn turn) {
        try {
            run.run(turn.queue, turn.began);
            run.throwBroken();
        } catch (RuntimeException | Error e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    /**
     * Takes no more calls, and waits until those that are here are answered.
     *
     * @return whether they were within {@code limit}
     */
    public boolean drain(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            stopping = true;
            while (!closed && (turns.waiting() > 0 || idle < threads)) {
                if (left <= 0) {
                    return false;
                }
                left = rest.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the threads when they have finished what they run. What waits is told that it is not run. */
    @Override
    public void close() {
        List<Call> left;
        lock.lock();
        try {
            stopping = true;
            closed = true;
            left = turns.removeAll();
            work.signalAll();
            rest.signalAll();
        } finally {
            lock.unlock();
        }
        left.forEach(call -> call.fail(new InferenceException(Kind.NOT_READY, "the service is stopping")));
    }
}
