package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which lines of the service's log count as what. */
class CountedLinesTest {
    private static final Path SERVICE = Path.of("..", "service", "src", "main", "java");
    private static final String ANSWERED =
            "{\"logger_name\":\"access\",\"method\":\"POST\",\"path\":\"/predict/iris\",\"status\":200,\"duration_ms\":1.3}";

    private static List<JsonNode> filters = List.of();

    record Line(List<String> metrics, String text) {
        @Override
        public String toString() {
            return metrics + " " + text;
        }
    }

    @BeforeAll
    static void synthesise() {
        filters = Resources.of(Synthesis.of("region: eu-west-1").serving(), "AWS::Logs::MetricFilter")
                .properties();
    }

    /** Lines that the service wrote, each after what it counts as. */
    static Stream<Line> lines() throws IOException {
        List<Line> lines = new ArrayList<>();
        try (InputStream file = CountedLinesTest.class.getResourceAsStream("service.log")) {
            List<String> all = new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (int i = 0; i < all.size(); i += 2) {
                String names = all.get(i).substring("# ".length());
                lines.add(new Line(names.equals("nothing") ? List.of() : List.of(names.split(", ")), all.get(i + 1)));
            }
        }
        return lines.stream();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void everyLineCountsAsWhatItIs(Line line) {
        assertThat(counted(line.text())).containsExactlyInAnyOrderElementsOf(line.metrics());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models/iris:predict",
                "/v2/models/iris/infer",
                "/inference.GRPCInferenceService/ModelInfer",
            })
    void predictionsCountInEveryProtocol(String path) {
        assertThat(counted(ANSWERED.replace("/predict/iris", path))).isEqualTo(counted(ANSWERED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/repository/index",
                "/inference.GRPCInferenceService/ServerReady",
                "/grpc.health.v1.Health/Check"
            })
    void whatOnlyAsksIsNoPrediction(String path) {
        assertThat(counted(ANSWERED.replace("/predict/iris", path))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/health", "/health/startup", "/v2/health/live", "/v2/health/ready", "/v2/models/iris/ready"})
    void healthChecksAreNotRequests(String path) {
        assertThat(counted(ANSWERED.replace("POST", "GET").replace("/predict/iris", path)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.modelserving.api.rest.ErrorAnswers", "access.other", "not access", "ACCESS"})
    void linesOfOtherLoggersDoNotCountWhateverTheirFields(String logger) {
        assertThat(counted(ANSWERED.replace("access", logger))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/predict/x\\\",\\\"status\\\":500,\\\"y\\\":\\\"",
                "/predict/dev.modelserving.serving.ModelCache cannot be served",
                "/predict/{ $.status = 500 }"
            })
    void whatACallerSendsCannotMakeALineCountAsAnother(String path) {
        assertThat(counted(ANSWERED.replace("/predict/iris", path)))
                .isEqualTo(counted(ANSWERED))
                .contains("Predictions");
    }

    @Test
    void aPredictionHasOneOutcome() {
        for (int status = 200; status < 600; status++) {
            List<String> counted = counted(ANSWERED.replace("200", String.valueOf(status)));
            assertThat(counted).as("status %d", status).hasSize(2).contains("Predictions");
        }
    }

    @Test
    void answersTakeAsLongAsTheServiceSays() {
        JsonNode time = transformation("AnswerTime");
        assertThat(time.path("MetricValue").textValue()).isEqualTo("$.duration_ms");
        assertThat(time.path("Unit").textValue()).isEqualTo("Milliseconds");
        assertThat(time.has("DefaultValue"))
                .as("a time for lines that are none")
                .isFalse();
    }

    @Test
    void aStageThatNobodyCallsCountsZeros() {
        assertThat(filters).allSatisfy(filter -> {
            JsonNode metric = filter.at("/MetricTransformations/0");
            assertThat(metric.path("MetricName").textValue().equals("AnswerTime")
                            || metric.path("DefaultValue").asInt(-1) == 0)
                    .isTrue();
        });
    }

    @Test
    void stagesCountForThemselves() {
        assertThat(filters)
                .extracting(filter ->
                        filter.at("/MetricTransformations/0/MetricNamespace").textValue())
                .containsOnly("ModelServing/test");
    }

    /** Renamed there, nothing would count here. */
    @Test
    void theServiceStillWritesEveryFieldThatIsLookedAt() throws IOException {
        String access = Files.readString(SERVICE.resolve("dev/modelserving/api/rest/AccessLine.java"));
        List<String> encodersOwn = List.of("logger_name", "level", "message");
        assertThat(filters)
                .flatExtracting(filter -> pattern(filter).fields())
                .filteredOn(field -> !encodersOwn.contains(field))
                .hasSizeGreaterThan(3)
                .allSatisfy(field -> assertThat(access).contains("SerializedString(\"" + field + "\")"));
    }

    @Test
    void theServiceStillSaysWhatIsCounted() throws IOException {
        Map<String, String> sayings = new TreeMap<>(Map.of(
                "api/rest/LoopTurn.java", "getLogger(\"access\")",
                "serving/ModelCache.java", "LOG.warn(\"{} cannot be served{}: {}\"",
                "predictionlog/Uploads.java", "LOG.warn(\"the prediction log cannot be written",
                "predictionlog/PredictionLog.java", "LOG.warn(\"{} predictions of the log are lost",
                "predictionlog/LogFiles.java", "LOG.error("));
        for (Map.Entry<String, String> saying : sayings.entrySet()) {
            assertThat(Files.readString(SERVICE.resolve("dev/modelserving").resolve(saying.getKey())))
                    .as(saying.getKey())
                    .contains(saying.getValue());
        }
        assertThat(Files.readString(SERVICE.resolve("dev/modelserving/serving/ModelCache.java")))
                .contains("\"the service is shutting down\"");
    }

    private static List<String> counted(String line) {
        return filters.stream()
                .filter(filter -> pattern(filter).matches(line))
                .map(filter -> filter.at("/MetricTransformations/0/MetricName").textValue())
                .toList();
    }

    private static JsonNode transformation(String metric) {
        return filters.stream()
                .map(filter -> filter.at("/MetricTransformations/0"))
                .filter(transformation ->
                        transformation.path("MetricName").textValue().equals(metric))
                .findFirst()
                .orElseThrow();
    }

    private static LogPattern pattern(JsonNode filter) {
        return new LogPattern(filter.path("FilterPattern").textValue());
    }
}
