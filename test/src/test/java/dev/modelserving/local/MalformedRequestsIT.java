package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are wrong, from {@code malformed-requests.txt}: each is told every fault at once, and nothing is left behind. */
@ExtendWith(RunningPlatform.class)
class MalformedRequestsIT {
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final String RIGHT_A = "{\"name\":\"a\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}";
    private static final String RIGHT_B = "{\"name\":\"b\",\"shape\":[1,1],\"datatype\":\"INT64\",\"data\":[2]}";
    private static final String RIGHT = "{\"inputs\":[" + RIGHT_A + "," + RIGHT_B + "]}";

    private static ServiceProcess service;

    private final JsonClient client = new JsonClient();

    /** One line of the table. */
    private record Malformed(int line, String model, String body, List<String> faults) {
        @Override
        public String toString() {
            return "line " + line + ": " + model + " " + body;
        }
    }

    static Stream<Malformed> table() throws IOException {
        try (InputStream stream =
                Objects.requireNonNull(MalformedRequestsIT.class.getResourceAsStream("/malformed-requests.txt"))) {
            List<String> lines = new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            List<Malformed> table = new ArrayList<>();
            for (int number = 0; number < lines.size(); number++) {
                String line = lines.get(number);
                if (!line.isEmpty() && !line.startsWith("#")) {
                    List<String> fields = List.of(line.split(" \\| ", -1));
                    String body = fields.get(1).replace("$A", RIGHT_A).replace("$B", RIGHT_B);
                    table.add(new Malformed(number + 1, fields.get(0), body, fields.subList(2, fields.size())));
                }
            }
            return table.stream();
        }
    }

    /** With so little memory that whatever a request leaves behind is seen. */
    @BeforeAll
    static void serve(Platform platform) throws Exception {
        List<String> models = table().map(Malformed::model).distinct().toList();
        for (String model : models) {
            SampleModels.registration(platform.aws()).register(ModelRef.of(model, 1), OddModels.edge(model), "");
        }
        service = platform.startService(Map.of(
                "JAVA_TOOL_OPTIONS", "-Xmx160m -XX:MaxDirectMemorySize=64m -XX:+UseSerialGC",
                "REQUEST_MAX_BYTES", "2 MiB"));
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> new JsonClient().post(url("shared-axis"), RIGHT).status() == 200);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void areEnough() throws Exception {
        assertThat(table()).hasSizeGreaterThan(250);
    }

    @ParameterizedTest
    @MethodSource("table")
    void areToldEveryFaultAtOnceAndHurtNobody(Malformed malformed) throws Exception {
        long begin = System.nanoTime();
        JsonClient.Answer answer = client.post(url(malformed.model), malformed.body);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SHORT);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
        assertThat(answer.body().get("code").asText()).isEqualTo("INVALID_INPUT");
        List<JsonNode> details = new ArrayList<>();
        answer.body().get("details").forEach(details::add);
        for (String fault : malformed.faults) {
            assertThat(details).as(fault).anyMatch(detail -> isToldBy(detail, fault));
        }
        assertThat(details).hasSameSizeAs(malformed.faults);
        assertNextOneIsRight();
    }

    private static boolean isToldBy(JsonNode detail, String fault) {
        int colon = fault.indexOf(": ");
        String problem = detail.get("problem").asText();
        String expected = detail.get("expected").asText();
        String actual = detail.get("actual").asText();
        String words = fault.substring(colon + 2);
        return detail.get("input").asText().equals(fault.substring(0, colon))
                && (String.join(" ", problem, expected, actual).contains(words)
                        || String.join(" ", problem, actual, expected).contains(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RIGHT,
                "{\"instances\":[{\"a\":[1.5],\"b\":[2]}]}",
                "{\"inputs\":{\"a\":[[1e0]],\"b\":[[2]]},\"id\":\"\u00fc\"}"
            })
    void areFoundWhereverABodyIsCutOff(String whole) throws Exception {
        assertThat(client.post(url("shared-axis"), whole).status()).isEqualTo(200);
        for (int length = 0; length < whole.length(); length++) {
            JsonClient.Answer answer = client.post(url("shared-axis"), whole.substring(0, length));
            assertThat(answer.status()).as(whole.substring(0, length)).isEqualTo(400);
            assertThat(answer.body().get("details")).isNotEmpty();
        }
        assertNextOneIsRight();
    }

    @Test
    void leaveNoMemoryBehind() throws Exception {
        List<Malformed> table = table().toList();
        String large = "{\"id\":\"" + "a".repeat(1 << 20) + "\",\"inputs\":[" + RIGHT_A + "]}";
        long settled = 0;
        for (int round = 0; round < 9; round++) {
            for (Malformed malformed : table) {
                assertThat(client.post(url(malformed.model), malformed.body).status())
                        .isEqualTo(400);
            }
            for (int time = 0; time < 50; time++) {
                assertThat(client.post(url("shared-axis"), large).status()).isEqualTo(400);
            }
            settled = round == 4 ? residentKilobytes() : settled;
        }
        assertThat(residentKilobytes()).isLessThan(settled + settled / 10);
        assertNextOneIsRight();
    }

    private static long residentKilobytes() {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + service.pid() + "/status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertNextOneIsRight() throws Exception {
        JsonClient.Answer answer = client.post(url("shared-axis"), RIGHT);
        assertThat(answer.body().at("/outputs/0/data").toString()).isEqualTo("[1.0,2.0]");
    }

    private static URI url(String model) {
        return service.url("/predict/" + model + "?version=1");
    }
}
