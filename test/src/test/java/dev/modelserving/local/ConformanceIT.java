package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.local.ConformanceRows.Row;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Open Inference Protocol and its extensions, sentence by sentence, and every odd model in each form of a request. */
@ExtendWith(RunningPlatform.class)
class ConformanceIT {
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";
    private static final int LARGE = 300_000;
    private static final HexFormat BYTES = HexFormat.ofDelimiter(" ");

    private static ServiceProcess service;
    private static GrpcCalls grpc;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void register(Platform running) throws Exception {
        service = running.service();
        grpc = new GrpcCalls(service);
        List<String> models = OddModels.edgeModelsWithExamples();
        for (String name : models) {
            SampleModels.registration(running.aws()).register(ModelRef.of(name, 1), OddModels.edge(name), "");
        }
        JsonClient known = new JsonClient();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            for (String name : models) {
                if (known.get(service.url("/models/" + name)).status() != 200) {
                    return false;
                }
            }
            return true;
        });
    }

    @AfterAll
    static void close() {
        grpc.close();
    }

    static List<Row> rows() throws IOException {
        return ConformanceRows.read();
    }

    static List<Row> rowsOfBoth() throws IOException {
        return rows().stream().filter(Row::isBoth).toList();
    }

    @Test
    void knowsEnoughSentences() throws IOException {
        assertThat(rows().size() + rowsOfBoth().size()).isGreaterThanOrEqualTo(150);
        assertThat(rows()).doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void holdsOverHttp(Row row) throws Exception {
        byte[] json = row.json().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json);
        HttpRequest.Builder request = HttpRequest.newBuilder(service.url(row.path()));
        row.headers().forEach(request::header);
        if (!row.binary().isEmpty()) {
            body.writeBytes(BYTES.parseHex(row.binary()));
            request.header("Content-Type", "application/octet-stream");
            if (!row.headers().containsKey(JSON_LENGTH)) {
                request.header(JSON_LENGTH, Integer.toString(json.length));
            }
        } else {
            request.header("Content-Type", "application/json");
        }
        request.method(
                row.method(),
                row.method().equals("GET")
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        int length = (int) answer.headers().firstValueAsLong(JSON_LENGTH).orElse(answer.body().length);
        String told = new String(answer.body(), 0, length, StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(told).isEqualTo(row.status());
        assertThat(ConformanceRows.matches(row.expected(), JsonClient.JSON.readTree(told)))
                .as(told)
                .isTrue();
        String behind = BYTES.formatHex(Arrays.copyOfRange(answer.body(), length, answer.body().length));
        if (!row.expectedBinary().equals("*")) {
            assertThat(behind).isEqualTo(row.expectedBinary());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rowsOfBoth")
    void holdsOverGrpc(Row row) throws Exception {
        JsonNode body =
                row.json().isEmpty() ? JsonClient.JSON.createObjectNode() : JsonClient.JSON.readTree(row.json());
        if (!row.binary().isEmpty()) {
            ((ObjectNode) body.path("inputs").get(0)).set("data", floats(BYTES.parseHex(row.binary())));
        }
        for (boolean raw : row.json().isEmpty() ? List.of(false) : List.of(false, true)) {
            if (raw && !canBeRaw(body)) {
                continue;
            }
            GrpcCalls.Answer answer = grpc.call(row.path(), body, raw);
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(row.status());
            assertThat(ConformanceRows.matches(
                            row.expected(),
                            JsonClient.JSON.readTree(answer.body().toString())))
                    .as(answer.body().toString())
                    .isTrue();
        }
    }

    /** What a datatype cannot hold cannot be written in it. */
    private static boolean canBeRaw(JsonNode body) {
        for (JsonNode input : body.path("inputs")) {
            String datatype = input.path("datatype").asText("");
            if (datatype.isEmpty()
                    || (datatype.equals("INT8") && input.path("data").path(0).asInt() > 127)) {
                return false;
            }
        }
        return true;
    }

    private static ArrayNode floats(byte[] data) {
        return (ArrayNode) ProtocolTensors.json("", "FP32", List.of(), data).path("data");
    }

    static List<String> models() throws IOException {
        return OddModels.edgeModelsWithExamples();
    }

    @ParameterizedTest
    @MethodSource("models")
    void answersTheExamplesOfAModelInBinary(String model) throws Exception {
        for (JsonNode example : Examples.of(OddModels.edge(model))) {
            ObjectNode head = JsonClient.JSON.createObjectNode();
            head.putObject("parameters").put("binary_data_output", true);
            head.putArray("inputs");
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            for (JsonNode input : example.path("request").path("inputs")) {
                byte[] raw = ProtocolTensors.raw(input);
                ObjectNode tensor = input.deepCopy();
                tensor.remove("data");
                tensor.putObject("parameters").put("binary_data_size", raw.length);
                head.withArray("inputs").add(tensor);
                data.writeBytes(raw);
            }
            byte[] json = head.toString().getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(json);
            body.writeBytes(data.toByteArray());
            HttpResponse<byte[]> answer = client.send(
                    HttpRequest.newBuilder(service.url("/v2/models/" + model + "/versions/1/infer"))
                            .header("Content-Type", "application/octet-stream")
                            .header(JSON_LENGTH, Integer.toString(json.length))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode())
                    .as(new String(answer.body(), StandardCharsets.UTF_8))
                    .isEqualTo(200);
            Examples.assertAnswers(example, inJson(answer));
        }
    }

    private static JsonNode inJson(HttpResponse<byte[]> answer) throws IOException {
        int at = (int) answer.headers().firstValueAsLong(JSON_LENGTH).orElseThrow();
        JsonNode head = JsonClient.JSON.readTree(new String(answer.body(), 0, at, StandardCharsets.UTF_8));
        ObjectNode json = JsonClient.JSON.createObjectNode();
        for (JsonNode output : head.path("outputs")) {
            int size = output.path("parameters").path("binary_data_size").asInt();
            ObjectNode tensor = ProtocolTensors.json(
                    output.path("name").asText(),
                    output.path("datatype").asText(),
                    sizes(output),
                    Arrays.copyOfRange(answer.body(), at, at + size));
            tensor.set("parameters", output.path("parameters"));
            json.withArray("outputs").add(tensor);
            at += size;
        }
        assertThat(at).isEqualTo(answer.body().length);
        return JsonClient.JSON.readTree(json.toString());
    }

    private static List<Long> sizes(JsonNode tensor) {
        List<Long> sizes = new ArrayList<>();
        tensor.path("shape").forEach(size -> sizes.add(size.asLong()));
        return sizes;
    }

    @ParameterizedTest
    @MethodSource("models")
    void answersTheExamplesOfAModelOverGrpc(String model) throws Exception {
        for (JsonNode original : Examples.of(OddModels.edge(model))) {
            ObjectNode example = original.deepCopy();
            for (JsonNode output : example.path("response").path("outputs")) {
                ((ObjectNode) output).remove("parameters"); // messages have no lists there
            }
            JsonNode request = example.path("request");
            for (boolean raw : canBeTyped(request) ? List.of(true, false) : List.of(true)) {
                GrpcCalls.Answer answer = grpc.call("/v2/models/" + model + "/versions/1/infer", request, raw);
                assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
                Examples.assertAnswers(
                        example, JsonClient.JSON.readTree(answer.body().toString()));
            }
        }
    }

    /** Of many frames. */
    @Test
    void takesLargeMessages() throws Exception {
        ObjectNode request = JsonClient.JSON.createObjectNode();
        ObjectNode input =
                request.putArray("inputs").addObject().put("name", "x").put("datatype", "FP32");
        input.putArray("shape").add(1).add(LARGE);
        ArrayNode data = input.putArray("data");
        for (int index = 0; index < LARGE; index++) {
            data.add(index + 0.5f);
        }
        for (boolean raw : List.of(true, false)) {
            GrpcCalls.Answer answer = grpc.call("/v2/models/echo-fp32/versions/1/infer", request, raw);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().path("outputs").get(0).path("data")).isEqualTo(data);
        }
    }

    private static boolean canBeTyped(JsonNode request) {
        for (JsonNode input : request.path("inputs")) {
            if (!ProtocolTensors.canBeTyped(input)) {
                return false;
            }
        }
        return true;
    }
}
