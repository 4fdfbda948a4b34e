package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.RunningPlatform.Platform;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The access log as a metric filter reads it: what the JAR writes, line by line. */
@ExtendWith(RunningPlatform.class)
class AccessLogIT {
    private static final String RIGHT = "{\"instances\":[[6.7,3.1,4.4,1.4]]}";

    private static ServiceProcess service;
    private static Path log;

    @BeforeAll
    static void serve(Platform platform) throws Exception {
        service = platform.startService(Map.of("REQUEST_MAX_BYTES", "1 MiB", "LOG_FORMAT", "json"));
        log = platform.log(service);
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** With the status that the same would have over HTTP: whoever counts failures need not know both. */
    @ParameterizedTest
    @CsvSource({
        "inference.GRPCInferenceService/ModelInfer,  iris,    200, OK,            iris, ",
        "inference.GRPCInferenceService/ModelInfer,  nothing, 404, NOT_FOUND,     ,     NOT_FOUND",
        "inference.GRPCInferenceService/ServerReady, ,        200, OK,            ,     ",
        "inference.GRPCInferenceService/Unheard,     ,        404, UNIMPLEMENTED, ,     ",
        "grpc.health.v1.Health/Check,                ,        200, OK,            ,     "
    })
    void tellsCallsOfGrpc(String method, String model, int status, String grpcStatus, String modelId, String code)
            throws Exception {
        String id = UUID.randomUUID().toString();
        ModelInferRequest flower = ModelInferRequest.newBuilder()
                .setModelName(model == null ? "" : model)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("features")
                        .setDatatype("FP32")
                        .addAllShape(List.of(1L, 4L))
                        .setContents(
                                InferTensorContents.newBuilder().addAllFp32Contents(List.of(6.7f, 3.1f, 4.4f, 1.4f))))
                .build();
        GrpcCalls.callNamed(service, method, id, model == null ? ModelInferRequest.getDefaultInstance() : flower);
        JsonNode line = line(id);
        assertThat(line.path("method").textValue()).isEqualTo("POST");
        assertThat(line.path("path").textValue()).isEqualTo("/" + method);
        assertThat(line.path("status").intValue()).isEqualTo(status);
        assertThat(line.path("grpc_status").textValue()).isEqualTo(grpcStatus);
        assertThat(line.path("model_id").textValue()).isEqualTo(modelId);
        assertThat(line.path("code").textValue()).isEqualTo(code);
        assertThat(line.path("duration_ms").doubleValue()).isBetween(0.0, 10_000.0);
    }

    @Test
    void tellsAPredictionInFields() throws Exception {
        String id = UUID.randomUUID().toString();
        RawHttp.Answer answer = send("POST /predict/iris?version=1 HTTP/1.1", "X-Forwarded-For: 1.2.3.4", id, RIGHT);
        assertThat(answer.status()).isEqualTo(200);
        JsonNode line = line(id);
        assertThat(line.fieldNames())
                .toIterable()
                .containsExactly(
                        "@timestamp",
                        "logger_name",
                        "level",
                        "method",
                        "path",
                        "status",
                        "bytes",
                        "duration_ms",
                        "client",
                        "request_id",
                        "model_id",
                        "pipeline_execution_id");
        assertThat(line.get("method").textValue()).isEqualTo("POST");
        assertThat(line.get("path").textValue()).isEqualTo("/predict/iris");
        assertThat(line.get("status").intValue()).isEqualTo(200);
        assertThat(line.get("bytes").intValue())
                .isEqualTo(answer.body().toString().length());
        assertThat(line.get("duration_ms").isNumber()).isTrue();
        assertThat(line.get("duration_ms").doubleValue()).isBetween(0.01, 10_000.0);
        assertThat(line.get("client").textValue()).isEqualTo("127.0.0.1");
        assertThat(line.get("model_id").textValue()).isEqualTo("iris");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "GET /health/liveness HTTP/1.1 | /health/liveness | 200 | - | -",
                "GET /models/iris HTTP/1.1 | /models/iris | 200 | - | -",
                "POST /predict/iris/ HTTP/1.1 | /predict/iris/ | 400 | INVALID_INPUT | iris",
                "POST /predict/iris HTTP/1.1 | /predict/iris | 400 | INVALID_INPUT | iris",
                "DELETE /predict/iris HTTP/1.1 | /predict/iris | 405 | METHOD_NOT_ALLOWED | iris",
                "POST /predict/invented HTTP/1.1 | /predict/invented | 404 | NOT_FOUND | -",
                "POST /predict/IRIS HTTP/1.1 | /predict/IRIS | 404 | NOT_FOUND | -",
                "POST /predict/iris/1 HTTP/1.1 | /predict/iris/1 | 404 | NOT_FOUND | -",
                "HEAD /nowhere HTTP/1.1 | /nowhere | 404 | NOT_FOUND | -"
            })
    void tellsTheModelAndTheErrorWhereThereAreSome(String start, String path, int status, String code, String model)
            throws Exception {
        String id = UUID.randomUUID().toString();
        String answer = exchange(head(start, "Content-Length: 0", id) + "\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status).doesNotContainIgnoringCase("error-code");
        assertIs(line(id), path, status, code, model);
    }

    @Test
    void tellsOfABodyThatIsTooLarge() throws Exception {
        String id = UUID.randomUUID().toString();
        RawHttp.Answer answer = send("POST /predict/iris HTTP/1.1", "X: x", id, " ".repeat((1 << 20) + 1));
        assertThat(answer.status()).isEqualTo(413);
        assertIs(line(id), "/predict/iris", 413, "TOO_LARGE", "iris");
    }

    @Test
    void tellsOfARequestThatWasToldToContinueOnce() throws Exception {
        String id = UUID.randomUUID().toString();
        try (Socket socket = connect()) {
            String head = head("POST /predict/iris HTTP/1.1", "Expect: 100-continue", id);
            socket.getOutputStream().write((head + "Content-Length: " + RIGHT.length() + "\r\n\r\n").getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 100");
            socket.getOutputStream().write(RIGHT.getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .contains("HTTP/1.1 200");
        }
        assertIs(line(id), "/predict/iris", 200, null, "iris");
    }

    /** What the server refuses before it knows a path, or an id. */
    @ParameterizedTest
    @CsvSource({"400, INVALID_INPUT", "413, TOO_LARGE"})
    void tellsOfWhatIsNotHttp(int status, String code) throws Exception {
        RawHttp.Answer answer = RawHttp.exchange(
                service,
                (status == 400 ? "nonsense" : "GET /" + "a".repeat(20_000) + " HTTP/1.1") + "\r\n\r\n",
                new byte[0]);
        assertThat(answer.status()).isEqualTo(status);
        assertIs(line(answer.body().get("request_id").textValue()), "/bad-request", status, code, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/predict/\",\"status\":200,\"model_id\":\"iris",
                "/predict/iris\",\"model_id\":\"invented",
                "/predict/\\\"\\u0022\\",
                "/predict/\u0001\u001b[31m\u007f\u0085\u00ff",
                "/predict/iris 200 5 1.5 x",
                "/predict/iris\t200",
                "/predict/iris\u000b\u000c200",
                "/predict/iris\rX: y",
                "/predict/${jndi:ldap:x}{}%n",
                "{\"logger_name\":\"access\"}",
                "http://x/predict/iris"
            })
    void keepsAHostilePathInItsField(String path) throws Exception {
        RawHttp.Answer answer =
                send("GET " + path + " HTTP/1.1", "X: x", UUID.randomUUID().toString(), "");
        assertThat(answer.status()).isBetween(400, 499);
        JsonNode line = line(answer.body().get("request_id").textValue());
        assertThat(line.get("path").textValue()).isIn(path, "/bad-request");
        assertThat(line.get("status").intValue()).isEqualTo(answer.status());
        assertThat(line.has("model_id")).isFalse();
        assertThat(line).hasSize(12);
    }

    @Test
    void cutsOffALongPath() throws Exception {
        String path = "/predict/" + "\"\u0001".repeat(7_000);
        RawHttp.Answer answer =
                send("GET " + path + " HTTP/1.1", "X: x", UUID.randomUUID().toString(), "");
        assertThat(line(answer.body().get("request_id").textValue()).get("path").textValue())
                .startsWith("/predict/\"")
                .hasSizeLessThan(1_100);
    }

    @Test
    void tellsRequestsOfOneConnectionApart() throws Exception {
        String first = UUID.randomUUID().toString();
        String second = UUID.randomUUID().toString();
        exchange("GET /health/liveness HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + first + "\r\n\r\n"
                + head("GET /models/nowhere HTTP/1.1", "X: x", second) + "\r\n");
        assertIs(line(first), "/health/liveness", 200, null, null);
        assertIs(line(second), "/models/nowhere", 404, "NOT_FOUND", null);
    }

    private static void assertIs(JsonNode line, String path, int status, String code, String model) {
        assertThat(line.get("path").textValue()).isEqualTo(path);
        assertThat(line.get("status").intValue()).isEqualTo(status);
        assertThat(line.path("code").textValue()).isEqualTo(code);
        assertThat(line.path("model_id").textValue()).isEqualTo(model);
    }

    /** The one line of the access log with that request id; every other line is JSON too. */
    private static JsonNode line(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> lines(id), lines -> !lines.isEmpty())
                .stream()
                .reduce((one, other) -> {
                    throw new AssertionError("two lines: " + one + " " + other);
                })
                .orElseThrow();
    }

    private static List<JsonNode> lines(String id) throws IOException {
        List<String> written = Files.readAllLines(log);
        return written.stream()
                .map(AccessLogIT::json)
                .filter(line -> line.path("logger_name").asText().equals("access")
                        && line.path("request_id").asText().equals(id))
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return JsonClient.JSON.readTree(line);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    private static RawHttp.Answer send(String start, String header, String id, String body) throws Exception {
        String head = head(start, header, id) + "Content-Length: " + body.length() + "\r\n\r\n";
        return RawHttp.exchange(service, head, body.getBytes(UTF_8));
    }

    private static String head(String start, String header, String id) {
        return start + "\r\nHost: x\r\nConnection: close\r\nX-Request-Id: " + id + "\r\n" + header + "\r\n";
    }

    private static String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static Socket connect() throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.url("").getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }
}
