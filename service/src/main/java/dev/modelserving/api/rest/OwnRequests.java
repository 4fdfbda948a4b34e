package dev.modelserving.api.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warms the service up over its own port, several requests at a time, in two forms of body: what later requests go through
 * is compiled then, from the socket on and back to it. It ends when the compiler has nothing more to do. For one use.
 */
public final class OwnRequests implements WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRequests.class);

    private static final int CONNECTIONS = 4;
    private static final int LARGEST_BODY = 4 << 20;

    /** How long one model is asked before it is the next one's turn. */
    private static final Duration TURN = Duration.ofMillis(50);

    /** Between two looks at how busy the compiler is. */
    private static final Duration ROUND = Duration.ofMillis(500);

    /** Compiling less than that share of the time is as good as none. */
    private static final double LITTLE = 0.04;

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
        List<OwnConnection> open = new ArrayList<>(CONNECTIONS);
        try {
            while (open.size() < CONNECTIONS) {
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
        long roundBegin = System.nanoTime();
        long compiledBefore = compiler.getTotalCompilationTime();
        while (!messages.isEmpty()) {
            for (Iterator<byte[]> each = messages.iterator(); each.hasNext(); ) {
                byte[] message = each.next();
                long turnEnd = Math.min(end, System.nanoTime() + TURN.toNanos() / messages.size());
                do {
                    if (System.nanoTime() - end >= 0) {
                        return;
                    }
                    if (!allAnswer(message, open, end)) {
                        each.remove();
                        break;
                    }
                    answered += open.size();
                } while (System.nanoTime() - turnEnd < 0);
            }
            long round = System.nanoTime() - roundBegin;
            if (round >= ROUND.toNanos()) {
                long compiled = compiler.getTotalCompilationTime();
                if ((compiled - compiledBefore) * 1e6 < LITTLE * round) {
                    return;
                }
                roundBegin += round;
                compiledBefore = compiled;
            }
        }
    }

    private static boolean allAnswer(byte[] message, List<OwnConnection> open, long end) throws IOException {
        for (OwnConnection connection : open) {
            connection.send(message);
        }
        boolean all = true;
        for (OwnConnection connection : open) {
            all &= connection.receive(end);
        }
        return all;
    }
}
