package dev.modelserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.settings.Settings;
import java.io.ByteArrayOutputStream;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole service in this process, over HTTP, on emulated AWS services. */
@ExtendWith(EmulatedAws.class)
class ServiceIT {
    private static final String ONE_FLOWER =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";
    private static final int MOST_BYTES = 16 << 20;

    @TempDir
    private static Path cache;

    private static Service service;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        ModelRef first = ModelRef.of("iris", 1);
        ModelRef second = ModelRef.of("iris", 2);
        registration.register(first, SampleFolders.IRIS_1, "flowers");
        registration.register(second, SampleFolders.IRIS_2, "flowers");
        registration.point(AliasRecord.CHAMPION, second, "test");
        EmulatedAws.useByDefault(aws);
        service = Service.start(Settings.fromEnvironment(environment(aws)));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> status("/health/readiness") == 200);
    }

    private static Map<String, String> environment(LocalAws aws) {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("HTTP_PORT", "0");
        environment.put("MODEL_CACHE_DIR", cache.toString());
        environment.put("REQUEST_MAX_BYTES", Integer.toString(MOST_BYTES));
        environment.put("PIPELINE_EXECUTION_ID", "run-7");
        environment.put("EXECUTION_START_TIME", "2026-11-24T00:00:00Z");
        return environment;
    }

    @AfterAll
    static void stop() throws InterruptedException {
        int port = service.port();
        service.drain();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    void answersAPrediction() throws Exception {
        HttpResponse<String> answer = predict("iris", ONE_FLOWER);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(answer.body())
                .startsWith("{\"model_id\":\"iris\",\"model_version\":2,\"id\":\"")
                .contains("{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}")
                .contains(
                        "{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[1,3],\"data\":[0.0,1.0000001,0.0]}");
    }

    @Test
    void answersWithTheVersionThatIsNamed() throws Exception {
        assertThat(predict("iris?version=1", ONE_FLOWER).body()).contains("\"model_version\":1");
    }

    @Test
    void returnsTheRequestsOwnId() throws Exception {
        String named = ONE_FLOWER.replaceFirst("\\{", "{\"id\":\"mine\",");
        assertThat(predict("iris", named).body()).contains("\"id\":\"mine\"");
        HttpResponse<String> answer = send(request("/predict/iris")
                .header("X-Request-Id", "trace:1.a_b-c")
                .POST(BodyPublishers.ofString(ONE_FLOWER)));
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("trace:1.a_b-c");
        assertThat(answer.body()).contains("\"id\":\"trace:1.a_b-c\"");
    }

    @Test
    void replacesARequestIdThatIsNotUsable() throws Exception {
        HttpResponse<String> answer = send(request("/models").header("X-Request-Id", "a b"));
        assertThat(answer.headers().firstValue("X-Request-Id"))
                .hasValueSatisfying(id -> assertThat(id).hasSize(36));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"})
    void takesJsonUnderItsNames(String contentType) throws Exception {
        HttpResponse<String> answer = send(
                request("/predict/iris").header("Content-Type", contentType).POST(BodyPublishers.ofString(ONE_FLOWER)));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain,415,UNSUPPORTED_MEDIA_TYPE",
        "application/x-www-form-urlencoded,415,UNSUPPORTED_MEDIA_TYPE",
        "nonsense,415,UNSUPPORTED_MEDIA_TYPE",
        "application/json;charset=latin1,400,INVALID_INPUT"
    })
    void refusesOtherContentTypes(String contentType, int status, String code) throws Exception {
        HttpResponse<String> answer = send(
                request("/predict/iris").header("Content-Type", contentType).POST(BodyPublishers.ofString(ONE_FLOWER)));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "nope,404,NOT_FOUND",
        "irsi,404,the nearest: iris",
        "Iris,404,NOT_FOUND",
        "..%2f..%2fetc,404,NOT_FOUND",
        "iris?version=9,404,'its versions: [1, 2]'",
        "iris?version=one,400,INVALID_INPUT",
        "iris?version=0,400,INVALID_INPUT"
    })
    void saysThatThereIsNoSuchModelOrVersion(String path, int status, String said) throws Exception {
        HttpResponse<String> answer = predict(path, ONE_FLOWER);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(said).contains("\"request_id\":\"");
    }

    @Test
    void listsEveryFaultOfARequestAtOnce() throws Exception {
        HttpResponse<String> answer = predict(
                "iris",
                "{\"inputs\":[{\"name\":\"feature\",\"shape\":[1,3],\"datatype\":\"FP64\",\"data\":[1]}],\"outputs\":[{\"name\":\"x\"}]}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("\"code\":\"INVALID_INPUT\"")
                .contains("\"input\":\"feature\",\"problem\":\"is not known:\"")
                .contains(
                        "\"input\":\"features\",\"problem\":\"is\",\"expected\":\"FP32 [-1, 4]\",\"actual\":\"missing\"")
                .contains("\"input\":\"outputs[0]\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"inputs\":[", "[]", "{} x", "{\"inputs\":[]}", "nul"})
    void refusesABodyThatIsNoRequest(String body) throws Exception {
        HttpResponse<String> answer = predict("iris", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"INVALID_INPUT\"", "\"details\":[{");
    }

    @Test
    void takesABodyUpToTheLimit() throws Exception {
        String padded = ONE_FLOWER + " ".repeat(MOST_BYTES - ONE_FLOWER.length());
        HttpResponse<String> answer = predict("iris", padded);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void takesACompressedBodyUpToTheLimitAndNoCorruptOne(String encoding) throws Exception {
        byte[] right = compressed(encoding, ONE_FLOWER + " ".repeat(MOST_BYTES - ONE_FLOWER.length()));
        assertThat(predictCompressed(encoding, right).statusCode()).isEqualTo(200);
        byte[] large = compressed(encoding, ONE_FLOWER + " ".repeat(MOST_BYTES));
        assertThat(predictCompressed(encoding, large).statusCode()).isEqualTo(413);
        byte[] cutOff = Arrays.copyOf(right, right.length - 20);
        HttpResponse<String> answer = predictCompressed(encoding, cutOff);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("body is corrupt:", encoding);
    }

    private HttpResponse<String> predictCompressed(String encoding, byte[] body) throws Exception {
        return send(
                request("/predict/iris").header("Content-Encoding", encoding).POST(BodyPublishers.ofByteArray(body)));
    }

    private static byte[] compressed(String encoding, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                encoding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        String large = ONE_FLOWER + " ".repeat(MOST_BYTES);
        HttpResponse<String> answer = predict("iris", large);
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body())
                .contains("\"code\":\"TOO_LARGE\"", "body is too large:", "at most 16777216 bytes (REQUEST_MAX_BYTES)");
    }

    @Test
    void refusesAChunkedBodyThatIsTooLarge() throws Exception {
        byte[] large = (ONE_FLOWER + " ".repeat(MOST_BYTES)).getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> answer = send(request("/predict/iris")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large))));
        assertThat(answer.statusCode()).isEqualTo(413);
    }

    @Test
    void answersInItsOwnWordsForPathsAndMethodsThatThereAreNot() throws Exception {
        HttpResponse<String> path = send(request("/nope"));
        assertThat(path.statusCode()).isEqualTo(404);
        assertThat(path.body())
                .contains("\"code\":\"NOT_FOUND\"", "the path is not known: '/nope' (expected: /predict/{model_id}");
        HttpResponse<String> method = send(request("/predict/iris"));
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.body()).contains("\"code\":\"METHOD_NOT_ALLOWED\"");
        HttpResponse<String> head = send(request("/nope").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(404);
    }

    @Test
    void answersARequestThatIsNoHttp() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/9.9 nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).startsWith("HTTP/1.");
        }
        assertThat(status("/health/liveness")).isEqualTo(200);
    }

    @Test
    void showsWhatIsServed() throws Exception {
        HttpResponse<String> answer = send(request("/models"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("{\"id\":\"iris\",\"description\":\"flowers\",\"version\":2,\"state\":\"READY\"")
                .contains("\"inputs\":[{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[-1,4]}]")
                .containsPattern("\"memoryBytes\":[1-9]\\d+,\"loadedAt\":\"2");
    }

    @Test
    void showsAllVersionsAndAliasesOfOneModel() throws Exception {
        assertThat(predict("iris?version=1", ONE_FLOWER).statusCode()).isEqualTo(200);
        assertThat(send(request("/models/iris")).body())
                .contains(
                        "{\"version\":1,\"status\":\"VERIFIED\",\"state\":\"READY\",\"inputs\":[{\"name\":\"features\"")
                .contains(
                        "{\"version\":2,\"status\":\"VERIFIED\",\"state\":\"READY\",\"inputs\":[{\"name\":\"features\"")
                .contains("\"aliases\":{\"champion\":2}");
        assertThat(send(request("/models/nope")).statusCode()).isEqualTo(404);
        assertThat(send(request("/models/NOPE")).statusCode()).isEqualTo(404);
    }

    @Test
    void tellsItsHealth() throws Exception {
        HttpResponse<String> answer = send(request("/health"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith("{\"name\":\"model-serving\",\"status\":\"UP\",\"details\":{")
                .contains("\"executionMode\":\"standalone\"", "\"pipelineExecutionId\":\"run-7\"")
                .contains("\"executionStartTime\":\"2026-11-24T00:00:00Z\"", "\"uptimeSeconds\":", "\"version\":\"")
                .contains("\"iris\":{\"version\":2,\"state\":\"READY\"}", "\"lastRead\":\"");
        assertThat(status("/health/liveness")).isEqualTo(200);
        assertThat(status("/health/readiness")).isEqualTo(200);
        assertThat(status("/health/startup")).isEqualTo(200);
    }

    @Test
    void saysThatItsPortIsTaken(LocalAws aws) {
        Map<String, String> environment = environment(aws);
        environment.put("HTTP_PORT", Integer.toString(service.port()));
        assertThatThrownBy(() -> Service.start(Settings.fromEnvironment(environment)))
                .rootCause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Address already in use");
    }

    private static int status(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(request(path).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private HttpResponse<String> predict(String modelAndQuery, String body) throws Exception {
        return send(request("/predict/" + modelAndQuery).POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
                .timeout(Duration.ofSeconds(30));
    }
}
