package dev.modelserving;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A prediction is answered on its connection, or by a controller where it is not quite plain (here: it names a second media
 * type that it would take). Nobody can tell which from the answer.
 */
@ExtendWith(EmulatedAws.class)
class BothWaysIT {
    private static final String FLOWER =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";
    private static final int MOST_BYTES = 1 << 20;

    @TempDir
    private static Path cache;

    private static Service service;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        ModelRef iris = ModelRef.of("iris", 2);
        registration.register(iris, SampleFolders.IRIS_2, "flowers");
        registration.point(AliasRecord.CHAMPION, iris, "test");
        service = EmulatedAws.startService(aws, cache, Map.of("REQUEST_MAX_BYTES", Integer.toString(MOST_BYTES)));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        service.drain();
    }

    record Case(String name, String target, String body) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        String rows = IntStream.range(0, 5_000)
                .mapToObj(row -> "[6.7,3.1,4.4," + row + ".5]")
                .collect(Collectors.joining(","));
        return List.of(
                new Case("tensors", "iris", FLOWER),
                new Case(
                        "tensors and outputs",
                        "iris",
                        FLOWER.replaceFirst("\\{", "{\"outputs\":[{\"name\":\"label\"}],")),
                new Case("an id", "iris", FLOWER.replaceFirst("\\{", "{\"id\":\"mine\",")),
                new Case("rows", "iris", "{\"instances\":[[6.7,3.1,4.4,1.4],[5,3,1,0.2]]}"),
                new Case("named rows", "iris", "{\"instances\":[{\"features\":[6.7,3.1,4.4,1.4]}]}"),
                new Case("columns", "iris", "{\"inputs\":{\"features\":[[6.7,3.1,4.4,1.4]]}}"),
                new Case("many rows", "iris", "{\"instances\":[" + rows + "]}"),
                new Case("a version", "iris?version=2", FLOWER),
                new Case("an unknown version", "iris?version=7", FLOWER),
                new Case("no version", "iris?version=x", FLOWER),
                new Case("another parameter", "iris?v=2", FLOWER),
                new Case("an unknown model", "irsi", FLOWER),
                new Case("no model", "Iris", FLOWER),
                new Case("a slash behind", "iris/", FLOWER),
                new Case("no JSON", "iris", "{\"inputs\":[}"),
                new Case("no object", "iris", "[]"),
                new Case("no fields", "iris", "{}"),
                new Case(
                        "several faults", "iris", FLOWER.replace("FP32", "FP64").replace("[1,4]", "[1,5]")),
                new Case("a wrong element", "iris", FLOWER.replace("6.7", "\"6.7\"")),
                new Case("no body", "iris", ""),
                new Case("too much", "iris", FLOWER + " ".repeat(MOST_BYTES)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersTheSame(Case asked) throws Exception {
        assertThat(send(asked, "application/json")).isEqualTo(send(asked, "application/json, text/plain"));
    }

    private String send(Case asked, String accept) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(uri("/predict/" + asked.target))
                        .header("Accept", accept)
                        .header("X-Request-Id", "a-1")
                        .POST(BodyPublishers.ofString(asked.body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        assertThat(headers.remove("date")).hasSize(1);
        return answer.statusCode() + " " + headers + " " + answer.body();
    }

    @Test
    void keepsTheOrderOfWhatIsSentWithoutWaiting() throws Exception {
        String models = "GET /models HTTP/1.1\r\nHost: a\r\nX-Request-Id: m-%d\r\n\r\n";
        StringBuilder requests = new StringBuilder();
        for (int round = 0; round < 20; round++) {
            requests.append(post("p-" + 2 * round, ""))
                    .append(post("p-" + (2 * round + 1), "Accept: text/plain, application/json\r\n"))
                    .append(models.formatted(round));
        }
        requests.append(post("last", "Connection: close\r\n"));
        List<String> ids = exchange(requests.toString())
                .lines()
                .filter(line -> line.regionMatches(true, 0, "x-request-id: ", 0, 14))
                .map(line -> line.substring(14))
                .toList();
        assertThat(ids).hasSize(61).last().isEqualTo("last");
        for (int round = 0; round < 20; round++) {
            assertThat(ids.subList(3 * round, 3 * round + 3))
                    .containsExactly("p-" + 2 * round, "p-" + (2 * round + 1), "m-" + round);
        }
    }

    @Test
    void answersABodyThatComesInPieces() throws Exception {
        String request = post("pieces", "Connection: close\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            socket.setTcpNoDelay(true);
            for (byte one : request.getBytes(ISO_8859_1)) {
                out.write(one);
                out.flush();
            }
            assertThat(read(socket)).startsWith("HTTP/1.1 200 OK").contains("\"id\":\"pieces\"");
        }
    }

    @Test
    void outlivesClientsThatLeaveInTheMiddle() throws Exception {
        String request = post("gone", "");
        for (int length = 1; length <= request.length(); length += 7) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                socket.getOutputStream().write(request.substring(0, length).getBytes(ISO_8859_1));
                socket.setSoLinger(true, 0);
            }
        }
        assertThat(exchange(post("after", "Connection: close\r\n"))).startsWith("HTTP/1.1 200 OK");
    }

    private static String post(String id, String header) {
        return "POST /predict/iris HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + id + "\r\n" + header + "Content-Length: "
                + FLOWER.length() + "\r\n\r\n" + FLOWER;
    }

    private static String exchange(String requests) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.getOutputStream().write(requests.getBytes(ISO_8859_1));
            return read(socket);
        }
    }

    private static String read(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.port() + path);
    }
}
