package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * An HTTP reverse proxy between the service and an emulator that can be told to fail, and to stop failing, while it
 * runs; it keeps its port. Safe for use by several threads.
 */
final class FaultyProxy implements AutoCloseable {
    static final Duration DELAY = Duration.ofSeconds(1);

    private static final List<String> OF_ONE_CONNECTION =
            List.of("connection", "host", "content-length", "expect", "upgrade", "transfer-encoding");

    /** How the emulated service words its refusals. */
    private record Refusal(int status, String type, String body) {}

    private final URI target;
    private final Map<Fault, Refusal> refusals;
    private final InetSocketAddress address;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();

    private HttpServer server;
    private volatile Fault fault = Fault.PASS;
    private volatile CountDownLatch changed = new CountDownLatch(1);

    private FaultyProxy(URI target, Map<Fault, Refusal> refusals) throws IOException {
        this.target = target;
        this.refusals = refusals;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        this.address = server.getAddress();
        serve();
    }

    static FaultyProxy dynamoDb(URI emulator) throws IOException {
        String json = "application/x-amz-json-1.0";
        return new FaultyProxy(
                emulator,
                Map.of(
                        Fault.THROTTLING,
                        new Refusal(
                                400,
                                json,
                                "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\","
                                        + "\"message\":\"The level of configured provisioned throughput for the table was"
                                        + " exceeded.\"}"),
                        Fault.EXPIRED,
                        new Refusal(
                                400,
                                json,
                                "{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"message\":\"The security"
                                        + " token included in the request is expired\"}")));
    }

    static FaultyProxy s3(URI emulator) throws IOException {
        return new FaultyProxy(
                emulator,
                Map.of(
                        Fault.THROTTLING,
                        new Refusal(503, "application/xml", error("SlowDown", "Please reduce your request rate.")),
                        Fault.EXPIRED,
                        new Refusal(400, "application/xml", error("ExpiredToken", "The provided token has expired."))));
    }

    private static String error(String code, String message) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message>" + message
                + "</Message><RequestId>1</RequestId></Error>";
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + address.getPort());
    }

    /** From the next call on; calls that hang are cut. */
    synchronized void set(Fault next) throws IOException {
        boolean wasGone = fault == Fault.GONE;
        fault = next;
        changed.countDown();
        changed = new CountDownLatch(1);
        if (next == Fault.GONE && !wasGone) {
            server.stop(0);
        } else if (next != Fault.GONE && wasGone) {
            server = HttpServer.create(address, 0);
            serve();
        }
    }

    /** How many calls came whose method and path, or DynamoDB operation, contain {@code part}. */
    long requests(String part) {
        return requests.entrySet().stream()
                .filter(entry -> entry.getKey().contains(part))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }

    @Override
    public synchronized void close() {
        fault = Fault.GONE;
        changed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve() {
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Fault now = fault;
        CountDownLatch end = changed;
        String what = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target"))
                .orElse(exchange.getRequestURI().getPath());
        requests.computeIfAbsent(exchange.getRequestMethod() + " " + what, key -> new LongAdder())
                .increment();
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            switch (now) {
                case GONE -> {}
                case SILENT -> end.await();
                case THROTTLING, EXPIRED -> refuse(exchange, refusals.get(now));
                case GARBAGE ->
                    refuse(exchange, new Refusal(200, "text/html", "<html><body>Please sign in</body></html>"));
                case EMPTY -> exchange.sendResponseHeaders(200, -1);
                case PASS -> forward(exchange, body, 1);
                case SLOW -> {
                    if (!end.await(DELAY.toMillis(), TimeUnit.MILLISECONDS)) {
                        forward(exchange, body, 1);
                    }
                }
                case CUT -> forward(exchange, body, 2);
                case STALLED -> {
                    forward(exchange, body, 2);
                    end.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
        byte[] body = refusal.body().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", refusal.type());
        exchange.sendResponseHeaders(refusal.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    /** Passes the call on, and back the answer's head and the first of so many {@code parts} of its body. */
    private void forward(HttpExchange exchange, byte[] body, int parts) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OF_ONE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        answer.headers().map().forEach((name, values) -> {
            if (!OF_ONE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        int length = answer.body().length;
        exchange.sendResponseHeaders(answer.statusCode(), length == 0 ? -1 : length);
        if (length > 0) {
            exchange.getResponseBody().write(answer.body(), 0, length / parts);
            exchange.getResponseBody().flush();
        }
    }
}
