package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Requests that are due at random times at a fixed mean rate, as from many callers who know nothing of each other; one
 * rate after the other, until the service cannot follow twice. A latency counts from when its request was due, whether or not a
 * connection was free then, and what is not answered in the end counts with the time that it has waited: a service that
 * falls behind cannot hide it (coordinated omission).
 *
 * <p>One thread that never sleeps: a thread for each connection, and vegeta too, are slower than the services measured.
 */
final class OpenLoop implements AutoCloseable {
    private static final PrintStream TERMINAL = System.out;
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final int CONNECTIONS = 64;
    private static final double SECOND = 1e9;

    /**
     * What was seen.
     *
     * @param latencies of all that was due but what failed, in nanoseconds
     * @param answered until the last was due
     * @param failed how many answers were not 200
     */
    record Result(double rate, Duration duration, Histogram latencies, long requests, long answered, long failed) {
        private static final double MOST_BEHIND = 0.05;

        /** Whether the service answered nearly all in the time in which it was asked. */
        boolean follows() {
            return requests - answered <= 2 + MOST_BEHIND * requests;
        }

        double millis(double percentile) {
            return latencies.getValueAtPercentile(percentile) / 1e6;
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"rate\":%.0f,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,"
                            + "\"requests\":%d,\"failed\":%d}",
                    rate,
                    answered * SECOND / duration.toNanos(),
                    millis(50),
                    millis(90),
                    millis(99),
                    millis(99.9),
                    requests,
                    failed);
        }
    }

    private final Selector selector = Selector.open();
    private final Deque<OpenLoopConnection> free = new ArrayDeque<>();
    private final List<OpenLoopConnection> busy = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(11);
    private final Histogram latencies = new Histogram(3);
    private final double gap;
    private double due;
    private long failed;

    /** What was seen until the last request was due. */
    private long answered;

    private OpenLoop(URI url, byte[] request, double perSecond) throws IOException {
        gap = SECOND / perSecond;
        InetSocketAddress address = new InetSocketAddress(url.getHost(), url.getPort());
        for (int i = 0; i < CONNECTIONS; i++) {
            free.add(OpenLoopConnection.open(address, request, selector));
        }
    }

    /** The URL, the file with the body, seconds before and while each rate is measured, the rates. Prints lines of JSON. */
    public static void main(String[] args) throws Exception {
        URI url = URI.create(args[0]);
        byte[] request = HttpConnection.post(url.getPath(), Files.readString(Path.of(args[1]), UTF_8));
        Duration warm = Duration.ofSeconds(Long.parseLong(args[2]));
        Duration duration = Duration.ofSeconds(Long.parseLong(args[3]));
        int notFollowed = 0;
        for (int i = 4; i < args.length && notFollowed < 2; i++) {
            double rate = Double.parseDouble(args[i]);
            send(url, request, rate, warm);
            Result result = send(url, request, rate, duration);
            TERMINAL.println(result.json());
            notFollowed = result.follows() ? 0 : notFollowed + 1;
        }
    }

    /** Sends at the rate for as long; blocks until all is answered, or {@link #GRACE} is over. */
    static Result send(URI url, byte[] request, double perSecond, Duration duration) throws IOException {
        try (OpenLoop loop = new OpenLoop(url, request, perSecond)) {
            loop.run(duration);
            long requests = loop.latencies.getTotalCount() + loop.failed;
            return new Result(perSecond, duration, loop.latencies, requests, loop.answered, loop.failed);
        }
    }

    private void run(Duration duration) throws IOException {
        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        due = begin;
        nextDue();
        for (long now = begin; now < end || (now < end + GRACE.toNanos() && !busy.isEmpty()); now = System.nanoTime()) {
            if (due < Math.min(now, end) && !free.isEmpty()) {
                OpenLoopConnection connection = free.pop();
                connection.send((long) due);
                busy.add(connection);
                nextDue();
            }
            selector.selectNow(key -> advance((OpenLoopConnection) key.attachment()));
            if (now < end) {
                answered = latencies.getTotalCount() + failed;
            }
        }
        busy.forEach(connection -> latencies.recordValue(System.nanoTime() - connection.due()));
        for (; due < end; nextDue()) {
            latencies.recordValue(System.nanoTime() - (long) due);
        }
    }

    private void nextDue() {
        due -= gap * Math.log(1 - random.nextDouble());
    }

    private void advance(OpenLoopConnection connection) {
        OpenLoopConnection.Status status = connection.advance();
        if (status == OpenLoopConnection.Status.WAITING) {
            return;
        }
        if (status == OpenLoopConnection.Status.RIGHT) {
            latencies.recordValue(System.nanoTime() - connection.due());
        } else {
            failed++;
        }
        busy.remove(connection);
        free.push(connection);
    }

    @Override
    public void close() throws IOException {
        for (OpenLoopConnection connection : busy) {
            connection.close();
        }
        for (OpenLoopConnection connection : free) {
            connection.close();
        }
        selector.close();
    }
}
