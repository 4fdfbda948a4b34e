package dev.modelserving.api.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.OperatingSystemMXBean;
import dev.modelserving.codec.PredictRequestWriter;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelId;
import dev.modelserving.serving.WarmUp;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warms the service up over its own port, from one caller and from several at once, in two forms of body: what later
 * requests go through is compiled then, from the socket on and back to it. Requests come in bursts; after each the compiler
 * has the processor to itself until it is done. It ends when a burst has left the compiler little to do. For one use.
 */
public final class OwnRequests implements WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRequests.class);
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** How many callers ask at once, in turn. */
    private static final List<Integer> CALLERS = List.of(1, 16, 64);

    private static final int LARGEST_BODY = 4 << 20;
    private static final Duration BURST = Duration.ofMillis(400);

    /** Compiling for less than that share of a burst is as good as not at all. */
    private static final double LITTLE = 0.2;

    /** Between two looks at what the process is doing; its processor time is told in steps of 10 ms. */
    private static final Duration SLICE = Duration.ofMillis(50);

    /** A process that takes less than that of a processor is doing nothing. */
    private static final double QUIET = 0.3;

    private final int port;
    private final OwnConnections connections;
    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private long answered;

    /** @param port that the service listens on */
    public OwnRequests(int port, OwnConnections connections) {
        this.port = port;
        this.connections = connections;
    }

    @Override
    public void run(Map<ModelId, List<InferenceRequest>> requests, Duration limit) {
        long begin = System.nanoTime();
        List<byte[]> left = new ArrayList<>();
        requests.forEach((model, examples) -> examples.forEach(example -> add(left, model, example)));
        List<OwnConnection> open = new ArrayList<>();
        try {
            while (open.size() < Collections.max(CALLERS)) {
                open.add(OwnConnection.open(port, connections));
            }
            ask(left, open, begin + limit.toNanos());
        } catch (SocketTimeoutException e) {
            LOG.debug("the time to warm up was over before the last answers came");
        } catch (IOException e) {
            LOG.info("warming up ends early: {}", e.toString());
        } finally {
            open.forEach(OwnConnection::close);
        }
        LOG.info("warmed up with {} requests in {} ms", answered, (System.nanoTime() - begin) / 1_000_000);
    }

    private static void add(List<byte[]> messages, ModelId model, InferenceRequest request) {
        for (byte[] body : List.of(PredictRequestWriter.tensors(request), PredictRequestWriter.columns(request))) {
            if (body.length <= LARGEST_BODY) {
                messages.add(message(model, body));
            }
        }
    }

    private static byte[] message(ModelId model, byte[] body) {
        byte[] head = ("POST /predict/" + model
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(US_ASCII);
        byte[] message = new byte[head.length + body.length];
        System.arraycopy(head, 0, message, 0, head.length);
        System.arraycopy(body, 0, message, head.length, body.length);
        return message;
    }

    private void ask(List<byte[]> messages, List<OwnConnection> open, long end) throws IOException {
        while (!messages.isEmpty()) {
            long compiling = compiler.getTotalCompilationTime();
            burst(messages, open, end);
            awaitQuiet(end);
            compiling = compiler.getTotalCompilationTime() - compiling;
            if (compiling * 1e6 < LITTLE * BURST.toNanos()) {
                return;
            }
        }
    }

    /** Every message for a while, from one caller and from several at once. Those that are not answered rightly are removed. */
    private void burst(List<byte[]> messages, List<OwnConnection> open, long end) throws IOException {
        long turn = BURST.toNanos() / messages.size() / CALLERS.size();
        for (Iterator<byte[]> each = messages.iterator(); each.hasNext(); ) {
            byte[] message = each.next();
            boolean right = true;
            for (int callers : CALLERS) {
                right = right && answered(message, open.subList(0, callers), turn, end);
            }
            if (!right) {
                each.remove();
            }
        }
    }

    /** @return whether all answers that came were right */
    private boolean answered(byte[] message, List<OwnConnection> callers, long turn, long end) throws IOException {
        long turnEnd = System.nanoTime() + turn;
        do {
            for (OwnConnection caller : callers) {
                caller.send(message);
            }
            boolean right = true;
            for (OwnConnection caller : callers) {
                right &= caller.receive(end);
            }
            if (!right) {
                return false;
            }
            answered += callers.size();
        } while (System.nanoTime() - turnEnd < 0);
        return true;
    }

    /** Until the compiler, for which there is nothing else to do, is done. */
    private static void awaitQuiet(long end) {
        long busy;
        do {
            busy = PROCESS.getProcessCpuTime();
            LockSupport.parkNanos(SLICE.toNanos());
            busy = PROCESS.getProcessCpuTime() - busy;
        } while (busy > QUIET * SLICE.toNanos() && System.nanoTime() - end < 0);
    }
}
