package dev.modelserving.local;

import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.Call;
import dev.modelserving.batching.Runners;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * How long the requests of a model with runs of 0.1 ms take, on runners that a model with batches of 100 ms keeps busy. They
 * are not computed, but each occupies its runner for its time. The fast model's requests come at random times, whether the
 * earlier ones are answered or not, and their time counts from when they should have come. See {@code
 * test/measure/fairness.sh}.
 */
final class FairnessMeasurement {
    private static final PrintStream TERMINAL = System.out;
    private static final int BEYOND = 3;
    private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** A quarter of one runner's time. */
    private static final long MEAN_PAUSE_NANOS = 4 * QUICK_NANOS;

    private static final long LIMIT_NANOS = BATCH_NANOS * 12 / 10;

    /** Of what is not answered at all. */
    private static final long NEVER = TimeUnit.HOURS.toNanos(1);

    private static final int SLOW_CLIENTS = 64;
    private static final InferenceRequest REQUEST = request();

    private FairnessMeasurement() {}

    /** How many seconds with one runner, and again with two. Exit code 3: beyond the limit. */
    public static void main(String[] args) throws InterruptedException {
        long seconds = Long.parseLong(args[0]);
        boolean within = true;
        for (int runners = 1; runners <= 2; runners++) {
            within &= measure(runners, TimeUnit.SECONDS.toNanos(seconds));
        }
        System.exit(within ? 0 : BEYOND);
    }

    private static boolean measure(int threads, long duration) throws InterruptedException {
        AtomicLong batches = new AtomicLong();
        BatchQueue slow = queue(8, () -> {
            batches.incrementAndGet();
            LockSupport.parkNanos(BATCH_NANOS);
        });
        BatchQueue fast = queue(1, () -> spin(QUICK_NANOS));
        long[] latencies;
        try (Runners runners = Runners.start(threads, 1_000_000, Thread::new, TensorMemory::collected)) {
            for (int client = 0; client < SLOW_CLIENTS; client++) {
                askAgainAndAgain(runners, slow);
            }
            latencies = latencies(runners, fast, duration);
        }
        Arrays.sort(latencies);
        long p99 = latencies[latencies.length * 99 / 100];
        TERMINAL.printf(
                Locale.ROOT,
                "%d runners, %d batches of 100 ms: %d requests of 0.1 ms took p50 %.1f ms, p99 %.1f ms (limit: %.0f ms)%n",
                threads,
                batches.get(),
                latencies.length,
                latencies[latencies.length / 2] / 1e6,
                p99 / 1e6,
                LIMIT_NANOS / 1e6);
        return p99 <= LIMIT_NANOS;
    }

    private static BatchQueue queue(int maxRows, Runnable run) {
        return new BatchQueue(new BatchCosts(maxRows), (request, memory, deadline) -> {
            run.run();
            return new InferenceResponse(request.inputs());
        });
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static void askAgainAndAgain(Runners runners, BatchQueue queue) {
        runners.submit(queue, new Asked(now -> askAgainAndAgain(runners, queue)));
    }

    private static long[] latencies(Runners runners, BatchQueue queue, long duration) throws InterruptedException {
        Random random = new Random(1);
        long[] latencies = new long[(int) (duration / MEAN_PAUSE_NANOS)];
        Arrays.fill(latencies, NEVER);
        CountDownLatch unanswered = new CountDownLatch(latencies.length);
        long next = System.nanoTime();
        for (int index = 0; index < latencies.length; index++) {
            next += (long) (-Math.log(1 - random.nextDouble()) * MEAN_PAUSE_NANOS);
            while (System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
            long since = next;
            int place = index;
            runners.submit(queue, new Asked(now -> {
                latencies[place] = now - since;
                unanswered.countDown();
            }));
        }
        unanswered.await(10 * LIMIT_NANOS, TimeUnit.NANOSECONDS);
        return latencies.clone();
    }

    /** One row of one number. */
    private static InferenceRequest request() {
        Tensor one = new Tensor.Numbers(
                TensorType.FP32, Shape.of(1, 1), TensorMemory.collected().allocate(Float.BYTES));
        return new InferenceRequest(Map.of("x", one), List.of());
    }

    /** @param answered is told the time of the answer */
    private record Asked(LongConsumer answered) implements Call {
        @Override
        public InferenceRequest request() {
            return REQUEST;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE / 2;
        }

        @Override
        public boolean isDone() {
            return false;
        }

        @Override
        public void complete(InferenceResponse response) {
            answered.accept(System.nanoTime());
        }

        @Override
        public void fail(Throwable why) {}

        @Override
        public void drop() {}
    }
}
