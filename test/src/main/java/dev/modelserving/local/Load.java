package dev.modelserving.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Sends requests over a fixed number of connections and looks at every answer. Either each connection sends without
 * pause, which shows the capacity; or requests are due at a fixed rate, and the latency of each counts from when it was
 * due, so that a service that falls behind cannot hide it (coordinated omission).
 *
 * <p>It ends by itself after a time or a number of requests, and before that by {@link #stop}.
 */
public final class Load implements AutoCloseable {
    private static final int MOST_FAILURES_TOLD = 10;

    /** Where requests go, which in turn, and how long at most. */
    public record Plan(Supplier<int[]> ports, List<Call> calls, int connections, Duration duration, long most) {
        public Plan {
            calls = List.copyOf(calls);
        }

        public Plan(ServiceProcess service, List<Call> calls, int connections, Duration duration) {
            this(() -> new int[] {service.url("").getPort()}, calls, connections, duration, Long.MAX_VALUE);
        }
    }

    /** A request and what its answer's body must be. */
    public static final class Call {
        private final byte[] request;
        private final Predicate<byte[]> right;

        public Call(byte[] request, Predicate<byte[]> right) {
            this.request = request;
            this.right = right;
        }
    }

    /**
     * What was seen.
     *
     * @param latencies of right answers, in nanoseconds
     * @param failed how many got no answer, another status than 200, or a wrong one
     * @param failures the first of them, in words
     */
    public record Result(Histogram latencies, long failed, List<String> failures, Duration took) {
        public long right() {
            return latencies.getTotalCount();
        }

        double perSecond() {
            return right() * 1e9 / took.toNanos();
        }

        Duration percentile(double percent) {
            return Duration.ofNanos(latencies.getValueAtPercentile(percent));
        }
    }

    private final Plan plan;
    private final double perSecond;
    private final long begin = System.nanoTime();
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ExecutorService senders;
    private final List<Future<Histogram>> running = new ArrayList<>();

    private Load(Plan plan, double perSecond) {
        this.plan = plan;
        this.perSecond = perSecond;
        this.senders = Executors.newFixedThreadPool(plan.connections());
        for (int i = 0; i < plan.connections(); i++) {
            running.add(senders.submit(this::send));
        }
    }

    /** Each connection sends its next request when it has the answer to the last. Runs until the plan ends, or {@link #stop}. */
    public static Load withoutPause(Plan plan) {
        return new Load(plan, Double.POSITIVE_INFINITY);
    }

    /** Requests are due at that rate, whatever becomes of those before. */
    static Load atRate(Plan plan, double perSecond) {
        return new Load(plan, perSecond);
    }

    /** Ends it after the requests under way; what was seen. */
    public Result stop() throws InterruptedException {
        stopped.set(true);
        return await();
    }

    /** Waits for the plan's end; what was seen. */
    Result await() throws InterruptedException {
        Histogram all = new Histogram(3);
        for (Future<Histogram> one : running) {
            try {
                all.add(one.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a sender broke", e);
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        return new Result(all, failed.get(), List.copyOf(failures), took);
    }

    /** How many requests were begun until now. */
    public long sent() {
        return next.get();
    }

    @Override
    public void close() {
        stopped.set(true);
        senders.shutdownNow();
    }

    private Histogram send() throws IOException {
        Histogram latencies = new Histogram(3);
        long end = begin + plan.duration().toNanos();
        try (HttpConnection connection = new HttpConnection(plan.ports())) {
            while (!stopped.get()) {
                long number = next.getAndIncrement();
                long now = System.nanoTime();
                long due = Double.isInfinite(perSecond) ? now : begin + (long) (number * 1e9 / perSecond);
                if (number >= plan.most() || now - end > 0 || due - end > 0) {
                    break;
                }
                for (long early = due - now; early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                exchange(
                        connection,
                        plan.calls().get((int) (number % plan.calls().size())),
                        due,
                        latencies);
            }
        }
        return latencies;
    }

    private void exchange(HttpConnection connection, Call call, long due, Histogram latencies) {
        try {
            HttpConnection.Answer answer = connection.send(call.request);
            long latency = System.nanoTime() - due;
            if (answer.status == 200 && call.right.test(answer.body)) {
                latencies.recordValue(latency);
            } else {
                fail(answer.status + " " + new String(answer.body, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            fail(e.toString());
        }
    }

    private void fail(String what) {
        if (failed.incrementAndGet() <= MOST_FAILURES_TOLD) {
            failures.add(what);
        }
    }
}
