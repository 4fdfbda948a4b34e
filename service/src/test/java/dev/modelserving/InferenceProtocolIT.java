package dev.modelserving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.codec.BinaryBodies;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Open Inference Protocol's own paths, on the connection and by the controller, which a second media type asks for. */
@ExtendWith(EmulatedAws.class)
class InferenceProtocolIT {
    private static final String PLAIN = "*/*";
    private static final String BY_CONTROLLER = "application/json, */*";
    private static final String LENGTH = "Inference-Header-Content-Length";
    private static final String FLOWER = "{'inputs':[{'name':'features','shape':[1,4],'datatype':'FP32',%s}]%s}";
    private static final byte[] FLOWER_DATA = BinaryBodies.floats(6.7f, 3.1f, 4.4f, 1.4f);

    @TempDir
    private static Path cache;

    private static Service service;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        register(registration, ModelRef.of("v2-iris", 2), SampleFolders.IRIS_2);
        register(registration, ModelRef.of("v2-penguins", 1), SampleFolders.PENGUINS);
        service = EmulatedAws.startService(aws, cache, Map.of("PREDICTION_LOG", "full", "WARM_UP_LIMIT", "0s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, BY_CONTROLLER})
    void speaksTheFirstVersionOfKservesProtocol(String accept) throws Exception {
        HttpResponse<byte[]> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + "/v1/models/v2-iris:predict"))
                        .header("Accept", accept)
                        .POST(BodyPublishers.ofString("{\"instances\":[[6.7,3.1,4.4,1.4]]}"))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.body()).asString(UTF_8).contains("\"predictions\":[{\"label\":1,");
        assertThat(get("/v1/models/v2-iris").body()).asString(UTF_8).isEqualTo("{\"name\":\"v2-iris\",\"ready\":true}");
        assertThat(json(get("/v1/models")).get("models"))
                .extracting(JsonNode::asText)
                .contains("v2-iris");
        assertThat(get("/v1/models/nothing").statusCode()).isEqualTo(404);
        assertThat(get("/").body()).asString(UTF_8).isEqualTo("{\"status\":\"alive\"}");
    }

    private static void register(ModelRegistration registration, ModelRef ref, Path folder) throws Exception {
        registration.register(ref, folder, "");
        registration.point(AliasRecord.CHAMPION, ref, "test");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        service.drain();
    }

    @Test
    void tellsWhatItIs() throws Exception {
        JsonNode server = json(get("/v2"));
        assertThat(server.get("name").asText()).isEqualTo("model-serving");
        assertThat(server.get("extensions"))
                .extracting(JsonNode::asText)
                .containsExactly("binary_tensor_data", "classification", "model_configuration", "statistics");
        assertThat(get("/v2/health/live").body()).asString(UTF_8).isEqualTo("{\"live\":true}");
        assertThat(get("/v2/health/ready").body()).asString(UTF_8).isEqualTo("{\"live\":true,\"ready\":true}");
        assertThat(json(get("/v2/models")).get("models"))
                .extracting(JsonNode::asText)
                .contains("v2-iris", "v2-penguins");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/v2-iris", "/v2/models/v2-iris/versions/2"})
    void tellsWhatAModelTakes(String path) throws Exception {
        assertThat(get(path).body())
                .asString(UTF_8)
                .isEqualTo(quoted("{'name':'v2-iris','versions':['2'],'platform':'onnxruntime_onnx',"
                        + "'inputs':[{'name':'features','datatype':'FP32','shape':[-1,4]}],"
                        + "'outputs':[{'name':'label','datatype':'INT64','shape':[-1]},"
                        + "{'name':'probabilities','datatype':'FP32','shape':[-1,3]}]}"));
        Awaitility.await() // rows are joined once that has been proven
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get(path + "/config").body())
                        .asString(UTF_8)
                        .isEqualTo(quoted(
                                "{'name':'v2-iris','platform':'onnxruntime_onnx','backend':'onnxruntime','max_batch_size':64,"
                                        + "'input':[{'name':'features','data_type':'TYPE_FP32','dims':[4]}],"
                                        + "'output':[{'name':'label','data_type':'TYPE_INT64','dims':[1],'reshape':{'shape':[]}},"
                                        + "{'name':'probabilities','data_type':'TYPE_FP32','dims':[3]}]}")));
        assertThat(get(path + "/ready").body()).asString(UTF_8).isEqualTo("{\"name\":\"v2-iris\",\"ready\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/models/nothing",
                "/v2/models/Nothing",
                "/v2/models/nothing/ready",
                "/v2/models/v2-iris/versions/7",
                "/v2/models/v2-iris/versions/7/ready",
                "/v2/models/nothing/config"
            })
    void knowsOnlyWhatIsRegistered(String path) throws Exception {
        HttpResponse<byte[]> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json(answer).get("code").asText()).isEqualTo("NOT_FOUND");
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, BY_CONTROLLER})
    void answersInJson(String accept) throws Exception {
        HttpResponse<byte[]> answer = infer(
                "v2-iris",
                accept,
                Map.of(),
                quoted(FLOWER.formatted("'data':[6.7,3.1,4.4,1.4]", ",'id':'mine'"))
                        .getBytes(UTF_8));
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        JsonNode body = json(answer);
        assertThat(body.get("model_name").asText()).isEqualTo("v2-iris");
        assertThat(body.get("model_version").asText()).isEqualTo("2");
        assertThat(body.get("id").asText()).isEqualTo("mine");
        assertThat(body.get("outputs").get(0).get("data").get(0).asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, BY_CONTROLLER})
    void answersInBinary(String accept) throws Exception {
        String json = quoted(FLOWER.formatted(
                "'parameters':{'binary_data_size':16}",
                ",'outputs':[{'name':'probabilities','parameters':{'binary_data':true}},{'name':'label'}]"));
        HttpResponse<byte[]> answer = infer(
                "v2-iris/versions/2",
                accept,
                Map.of(LENGTH, Integer.toString(json.length()), "Content-Type", "application/octet-stream"),
                BinaryBodies.body(json, FLOWER_DATA));
        assertThat(answer.headers().firstValue("content-type")).contains("application/octet-stream");
        int length = Integer.parseInt(answer.headers().firstValue(LENGTH).orElseThrow());
        JsonNode outputs = new ObjectMapper()
                .readTree(Arrays.copyOf(answer.body(), length))
                .get("outputs");
        assertThat(outputs.get(0).get("parameters").get("binary_data_size").asInt())
                .isEqualTo(12);
        assertThat(outputs.get(1).get("data").get(0).asInt()).isEqualTo(1);
        ByteBuffer data = ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(data.limit()).isEqualTo(length + 12);
        JsonNode inJson = json(infer(
                "v2-iris",
                accept,
                Map.of(),
                quoted(FLOWER.formatted("'data':[6.7,3.1,4.4,1.4]", "")).getBytes(UTF_8)));
        JsonNode probabilities = inJson.get("outputs").get(1).get("data");
        for (int index = 0; index < 3; index++) {
            assertThat(data.getFloat(length + 4 * index))
                    .isEqualTo((float) probabilities.get(index).asDouble());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, BY_CONTROLLER})
    void takesARawBody(String accept) throws Exception {
        HttpResponse<byte[]> answer = infer("v2-iris", accept, Map.of(LENGTH, "0"), FLOWER_DATA);
        assertThat(answer.headers().firstValue("content-type")).contains("application/octet-stream");
        int length = Integer.parseInt(answer.headers().firstValue(LENGTH).orElseThrow());
        assertThat(ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN).getLong(length))
                .isEqualTo(1);
    }

    @Test
    void takesStringsInBinary() throws Exception {
        byte[] island = BinaryBodies.strings("Biscoe");
        byte[] sex = BinaryBodies.strings("female");
        String number = "{'name':'%s','shape':[1,1],'datatype':'FP32','data':[%s]}";
        String json = quoted("{'parameters':{'binary_data_output':true},'inputs':["
                + "{'name':'island','shape':[1,1],'datatype':'BYTES','parameters':{'binary_data_size':" + island.length
                + "}},"
                + number.formatted("bill_length_mm", "46.1") + "," + number.formatted("bill_depth_mm", "13.2") + ","
                + number.formatted("flipper_length_mm", "211") + "," + number.formatted("body_mass_g", "4500") + ","
                + "{'name':'sex','shape':[1,1],'datatype':'BYTES','parameters':{'binary_data_size':" + sex.length
                + "}},"
                + "{'name':'year','shape':[1,1],'datatype':'INT64','data':[2007]}]}");
        HttpResponse<byte[]> answer = infer(
                "v2-penguins",
                PLAIN,
                Map.of(LENGTH, Integer.toString(json.length())),
                BinaryBodies.body(json, island, sex));
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        int length = Integer.parseInt(answer.headers().firstValue(LENGTH).orElseThrow());
        ByteBuffer data =
                ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN).position(length);
        byte[] label = new byte[data.getInt()];
        data.get(label);
        assertThat(label).asString(UTF_8).isEqualTo("Gentoo");
    }

    @Test
    void takesCompressedBinaryData() throws Exception {
        String json = quoted(FLOWER.formatted("'parameters':{'binary_data_size':16}", ""));
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(BinaryBodies.body(json, FLOWER_DATA));
        }
        HttpResponse<byte[]> answer = infer(
                "v2-iris",
                PLAIN,
                Map.of(LENGTH, Integer.toString(json.length()), "Content-Encoding", "gzip"),
                compressed.toByteArray());
        assertThat(json(answer).get("outputs").get(0).get("data").get(0).asInt())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "99999", "x", "12345678901"})
    void refusesAWrongLengthOfJson(String length) throws Exception {
        HttpResponse<byte[]> answer = infer("v2-iris", PLAIN, Map.of(LENGTH, length), FLOWER_DATA);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("error").asText()).contains(LENGTH);
    }

    @Test
    void refusesOtherTypesOfBodies() throws Exception {
        HttpResponse<byte[]> answer = infer("v2-iris", PLAIN, Map.of("Content-Type", "text/csv"), FLOWER_DATA);
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(json(answer).get("error").asText()).contains("application/json or application/octet-stream");
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> infer(String model, String accept, Map<String, String> headers, byte[] body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/v2/models/" + model + "/infer"))
                .header("Accept", accept)
                .POST(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.port() + path);
    }
}
