package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that do not load, and models that answer with a surprise, all registered at once. */
class BrokenModelsIT {
    private static final List<String> SURPRISING = List.of(
            "external-data",
            "shape-lies",
            "shape-lies-static",
            "nan-output",
            "runtime-error",
            "needs-locale",
            "needs-locale-c-utf8",
            "slow-tunable");

    /** What people read of each that does not load; ONNX Runtime's words, then what to do about it. */
    private static final Map<String, List<String>> REASONS = reasons();

    @TempDir
    private static Path work;

    private static LocalAws aws;
    private static ServiceProcess service;

    private final JsonClient client = new JsonClient();

    private static Map<String, List<String>> reasons() {
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        reasons.put("truncated", List.of("Protobuf parsing failed", "cut off, or is no ONNX model"));
        reasons.put("not-onnx", List.of("Protobuf parsing failed", "cut off, or is no ONNX model"));
        reasons.put("empty", List.of("does not have a graph", "The file is empty"));
        reasons.put("opset-too-new", List.of("Opset 99 is under development", "opset 26", "older opset"));
        reasons.put(
                "ir-too-new",
                List.of("Unsupported model IR version: 99, max supported IR version: 13", "set model.ir_version"));
        reasons.put(
                "custom-op",
                List.of("com.example.unknown:Frobnicate(-1) is not a registered function/op", "Operators of other"));
        reasons.put("type-lies", List.of("Type (tensor(int64)) of output arg (y)", "onnx.checker.check_model"));
        reasons.put("external-data-missing", List.of("External data path does not exist", "named in the manifest"));
        reasons.put("external-data-short", List.of("size to read: 16384 given file_length: 1000", "shorter than"));
        reasons.put("external-data-escape", List.of("External data path escapes model directory", "beside model.onnx"));
        return reasons;
    }

    static List<String> broken() {
        return List.copyOf(REASONS.keySet());
    }

    @BeforeAll
    static void serveThemAll() throws Exception {
        aws = LocalAws.start(work.resolve("aws"));
        for (String name : broken()) {
            OddModels.registerUnchecked(aws, ModelRef.of(name, 1), OddModels.broken(name, work));
        }
        for (String name : SURPRISING) {
            OddModels.registerUnchecked(aws, ModelRef.of(name, 1), OddModels.broken(name, work));
        }
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("MODEL_CACHE_DIR", work.resolve("cache").toString());
        service = ServiceProcess.start(environment, FreePort.find(), ProcessBuilder.Redirect.to(log().toFile()));
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
    }

    @AfterAll
    static void stop() {
        service.close();
        aws.close();
    }

    private static Path log() {
        return work.resolve("service.log");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void saysOfEachThatDoesNotLoadWhy(String model) throws Exception {
        for (String path : List.of("/models/" + model, "/health")) {
            JsonNode answer = client.get(service.url(path)).body();
            JsonNode told = path.equals("/health")
                    ? answer.at("/details/models/details").get(model)
                    : answer;
            assertThat(told.get("state").asText()).isEqualTo("FAILED");
            assertThat(told.get("reason").asText()).contains(REASONS.get(model));
            assertThat(told.get("reason").asText()).doesNotContain(work.toString(), "/onnxruntime/");
        }
        assertThat(Files.readString(log())).contains(model + "/1 cannot be served, trying again later: ONNX Runtime");
        JsonClient.Answer answer = client.post(service.url("/predict/" + model), "{\"instances\":[[1]]}");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body().get("error").asText()).contains(REASONS.get(model));
    }

    @Test
    void saysOfAMissingLocaleHowToDoWithoutIt() throws Exception {
        JsonNode told = client.get(service.url("/models/needs-locale")).body();
        if (told.get("state").asText().equals("FAILED")) {
            assertThat(told.get("reason").asText())
                    .contains("Failed to construct locale with name:en_US.UTF-8", "locale C.UTF-8");
        } else {
            assertThat(told.get("state").asText()).isEqualTo("READY");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "external-data",
                "shape-lies",
                "nan-output",
                "runtime-error",
                "needs-locale-c-utf8",
                "slow-tunable"
            })
    void servesThoseThatOnlySurprise(String model) throws Exception {
        for (JsonNode example : Examples.of(OddModels.broken(model, work.resolve("again-" + model)))) {
            JsonClient.Answer answer = client.post(
                    service.url("/predict/" + model), example.get("request").toString());
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            Examples.assertAnswers(example, answer.body());
        }
    }

    @Test
    void givesTheShapeThatAModelAnswersWithWhateverItDeclares() throws Exception {
        JsonNode answer = client.post(service.url("/predict/shape-lies-static"), "{\"inputs\":[[1,2],[3,4]]}")
                .body();
        assertThat(answer.at("/outputs/y/0")).hasSize(2);
    }

    @Test
    void writesWhatJsonHasNoNumbersForAsStrings() throws Exception {
        JsonNode answer = client.post(service.url("/predict/nan-output"), "{\"instances\":[[-1,0]]}")
                .body();
        assertThat(answer.get("predictions").toString()).isEqualTo("[[\"NaN\",\"-Infinity\"]]");
    }

    @Test
    void tellsTheCallerWhatTheModelRefused() throws Exception {
        JsonClient.Answer answer = client.post(service.url("/predict/runtime-error"), "{\"instances\":[7]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().get("error").asText())
                .contains("indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]");
    }
}
