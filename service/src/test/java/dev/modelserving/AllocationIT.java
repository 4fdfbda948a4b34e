package dev.modelserving;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.settings.Settings;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a request takes of the JVM's heap, once compiled: counted by the JVM for every thread but the one that asks, over many
 * requests on one connection.
 */
@ExtendWith(EmulatedAws.class)
class AllocationIT {
    private static final PrintStream TERMINAL = System.out;
    private static final long MOST_ABOVE_MICRONAUT = 4096;

    /** The answer, 2 KB of labels, is put together on the heap; the request, 16 KB as text and as a tensor, is not. */
    private static final long MOST_FOR_A_THOUSAND_ROWS = 8192;

    private static final int WARM = 20_000;
    private static final int ROUNDS = 3;
    private static final int REQUESTS = 5_000;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");

    @TempDir
    private static Path cache;

    private static Service service;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Nothing but what Micronaut does. */
    @Controller("/empty")
    static final class EmptyController {
        @Post
        void take() {}
    }

    @BeforeAll
    static void start(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        ModelRef iris = ModelRef.of("iris", 2);
        registration.register(iris, SampleFolders.IRIS_2, "flowers");
        registration.point(AliasRecord.CHAMPION, iris, "test");
        EmulatedAws.useByDefault(aws);
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("HTTP_PORT", "0");
        environment.put("MODEL_CACHE_DIR", cache.toString());
        environment.put("REGISTRY_POLL_INTERVAL", "1h");
        service = Service.start(Settings.fromEnvironment(environment));
        HttpClient probe = HttpClient.newHttpClient();
        URI readiness = URI.create("http://127.0.0.1:" + service.port() + "/health/readiness");
        HttpRequest ready = HttpRequest.newBuilder(readiness).build();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> probe.send(ready, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        service.drain();
    }

    @Test
    void takesLittleMoreForASmallPredictionThanMicronautForNothing() throws Exception {
        long empty = bytesOf("/empty", "");
        long prediction = bytesOf("/predict/iris", rows(1));
        TERMINAL.printf(
                Locale.ROOT,
                "bytes on the heap: %d for an empty POST by Micronaut alone, %d for a prediction (limit: %d more)%n",
                empty,
                prediction,
                MOST_ABOVE_MICRONAUT);
        assertThat(prediction - empty).isLessThanOrEqualTo(MOST_ABOVE_MICRONAUT);
    }

    @Test
    void takesNothingThatGrowsWithTheTensorOfTheRequest() throws Exception {
        long one = bytesOf("/predict/iris", labels(1));
        long thousand = bytesOf("/predict/iris", labels(1000));
        TERMINAL.printf(Locale.ROOT, "bytes on the heap: %d for a row, %d for a thousand%n", one, thousand);
        assertThat(thousand - one).isLessThanOrEqualTo(MOST_FOR_A_THOUSAND_ROWS);
    }

    private static String rows(int count) {
        String values =
                IntStream.range(0, count).mapToObj(row -> "6.7,3.1,4.4,1.4").collect(Collectors.joining(","));
        return "{\"inputs\":[{\"name\":\"features\",\"shape\":[" + count + ",4],\"datatype\":\"FP32\",\"data\":["
                + values + "]}]}";
    }

    /** One output of a digit a row, so that it is the request that grows. */
    private static String labels(int count) {
        return rows(count).replaceFirst("\\{", "{\"outputs\":[{\"name\":\"label\"}],");
    }

    /** Of one request. The least of some rounds, because compiling goes on, and others work in the meantime. */
    private long bytesOf(String path, String body) throws IOException {
        byte[] request = ("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(ISO_8859_1);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setTcpNoDelay(true);
            ask(socket, request, body.length() > 10_000 ? WARM / 10 : WARM);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = allocated();
                ask(socket, request, REQUESTS);
                least = Math.min(least, (allocated() - before) / REQUESTS);
            }
            return least;
        }
    }

    private static void ask(Socket socket, byte[] request, int times) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] answer = new byte[1 << 20];
        for (int count = 0; count < times; count++) {
            socket.getOutputStream().write(request);
            int length = 0;
            int expected = Integer.MAX_VALUE;
            while (length < expected) {
                int read = in.read(answer, length, answer.length - length);
                assertThat(read).isPositive();
                length += read;
                if (expected == Integer.MAX_VALUE) {
                    expected = lengthOf(new String(answer, 0, Math.min(length, 1000), ISO_8859_1));
                }
            }
        }
    }

    /** Of the whole answer. */
    private static int lengthOf(String head) {
        assertThat(head).startsWith("HTTP/1.1 200");
        Matcher length = LENGTH.matcher(head);
        assertThat(length.find()).as(head).isTrue();
        return head.indexOf("\r\n\r\n") + 4 + Integer.parseInt(length.group(1));
    }

    private long allocated() {
        long own = Thread.currentThread().getId();
        long[] others =
                Arrays.stream(threads.getAllThreadIds()).filter(id -> id != own).toArray();
        return Arrays.stream(threads.getThreadAllocatedBytes(others))
                .filter(bytes -> bytes > 0)
                .sum();
    }
}
