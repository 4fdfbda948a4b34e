package dev.modelserving.serving;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what a loaded model does. Safe for use by several threads, which do not wait for each other. */
final class RunCounters {
    private static final int EXACT_ROWS = 64;

    /** Those that were answered, with all of their times. */
    private final Counter success = new Counter();

    private final Counter fail = new Counter();
    private final LongAdder queueNanos = new LongAdder();
    private final LongAdder inputNanos = new LongAdder();
    private final LongAdder inferNanos = new LongAdder();
    private final LongAdder outputNanos = new LongAdder();

    /** By {@link #index}. */
    private final AtomicReferenceArray<@Nullable Counter> batches = new AtomicReferenceArray<>(EXACT_ROWS + 33);

    /** Milliseconds of the clock; 0: never. */
    private volatile long lastInference;

    private static final class Counter {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void add(long time) {
            count.increment();
            nanos.add(Math.max(0, time));
        }

        ModelStatistics.Times times() {
            return new ModelStatistics.Times(count.sum(), Duration.ofNanos(nanos.sum()));
        }

        void reset() {
            count.reset();
            nanos.reset();
        }
    }

    /** A request was computed, and is answered next. In nanoseconds: waiting, being read, being computed, and all of it. */
    void succeeded(long waited, long read, long computed, long all) {
        queueNanos.add(Math.max(0, waited));
        inputNanos.add(read);
        inferNanos.add(Math.max(0, computed));
        success.add(all);
        lastInference = System.currentTimeMillis();
    }

    /** Its answer was written, which took so many nanoseconds more. */
    void answered(long written) {
        outputNanos.add(written);
        success.nanos.add(written);
    }

    /** A request was not answered, after so many nanoseconds. */
    void failed(long all) {
        fail.add(all);
    }

    /** The model ran. */
    void ran(int rows, long nanos) {
        int index = index(rows);
        Counter known = batches.get(index);
        while (known == null) {
            batches.compareAndSet(index, null, new Counter());
            known = batches.get(index);
        }
        known.add(nanos);
    }

    private static int index(int rows) {
        return rows <= EXACT_ROWS ? Math.max(0, rows) : EXACT_ROWS + 32 - Integer.numberOfLeadingZeros(rows - 1);
    }

    private static long rows(int index) {
        return index <= EXACT_ROWS ? index : 1L << (index - EXACT_ROWS);
    }

    /** What was counted until now is forgotten. */
    void reset() {
        success.reset();
        fail.reset();
        List.of(queueNanos, inputNanos, inferNanos, outputNanos).forEach(LongAdder::reset);
        for (int index = 0; index < batches.length(); index++) {
            batches.set(index, null);
        }
        lastInference = 0;
    }

    ModelStatistics sum() {
        List<ModelStatistics.BatchRuns> runs = new ArrayList<>();
        long executions = 0;
        for (int index = 0; index < batches.length(); index++) {
            Counter counter = batches.get(index);
            if (counter != null) {
                ModelStatistics.Times times = counter.times();
                executions += times.count();
                runs.add(new ModelStatistics.BatchRuns(rows(index), times));
            }
        }
        ModelStatistics.Times answered = success.times();
        return new ModelStatistics(
                Optional.of(lastInference).filter(millis -> millis > 0).map(Instant::ofEpochMilli),
                executions,
                answered,
                fail.times(),
                part(answered, queueNanos),
                part(answered, inputNanos),
                part(answered, inferNanos),
                part(answered, outputNanos),
                runs);
    }

    /** Of as many requests as the whole: perf_analyzer ends where the counts differ. */
    private static ModelStatistics.Times part(ModelStatistics.Times whole, LongAdder nanos) {
        return new ModelStatistics.Times(whole.count(), Duration.ofNanos(nanos.sum()));
    }
}
