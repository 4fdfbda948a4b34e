package dev.modelserving.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.settings.Settings.PredictionLogging;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private final Map<String, String> environment = new HashMap<>(
            Map.of("ARTIFACTS_BUCKET", "artifacts", "GOLD_BUCKET", "gold", "MODEL_REGISTRY_TABLE", "registry"));

    @Test
    void hasTheDefaultsOfTheTable() {
        Settings settings = Settings.fromEnvironment(environment);
        assertThat(settings.ports()).isEqualTo(new Settings.Ports(8080, 8081));
        assertThat(settings.cache().directory()).isEqualTo(Path.of("/tmp/model-serving"));
        assertThat(settings.requestMaxBytes()).isEqualTo(32 << 20);
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(25));
        assertThat(settings.drainDelay()).isZero();
        assertThat(settings.registryPollInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.execution().id()).isEmpty();
    }

    /** But for those of the AWS SDK and of ECS, which are not ours. */
    @Test
    void readsTheVariablesThatReadmeLists() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        String table = readme.substring(readme.indexOf("## The environment"), readme.indexOf("### The access log"));
        Set<String> listed = Pattern.compile("(?m)^\\| ([A-Z_0-9, ]+) \\|")
                .matcher(table)
                .results()
                .flatMap(row -> Stream.of(row.group(1).split(", ")))
                .collect(Collectors.toSet());
        Set<String> read = new HashSet<>();
        Settings.fromEnvironment(new AbstractMap<>() {
            @Override
            public Set<Map.Entry<String, String>> entrySet() {
                return environment.entrySet();
            }

            @Override
            public String getOrDefault(@Nullable Object name, String otherwise) {
                read.add(String.valueOf(name));
                return super.getOrDefault(name, otherwise);
            }
        });
        read.removeIf(name -> name.startsWith("ECS_"));
        assertThat(read).isEqualTo(listed);
    }

    @Test
    void listsEverythingThatIsWrongAtOnce() {
        Map<String, String> wrong = Map.of(
                "GOLD_BUCKET", "Not_A_Bucket",
                "EXECUTION_MODE", "sideways",
                "HTTP_PORT", "eighty",
                "REQUEST_TIMEOUT", "soon",
                "REQUEST_MAX_BYTES", "32 MB",
                "LOG_FORMAT", "xml",
                "MODEL_CACHE_DIR", "relative/path");
        assertThatThrownBy(() -> Settings.fromEnvironment(wrong))
                .isInstanceOf(SettingsException.class)
                .message()
                .contains("ARTIFACTS_BUCKET is not set", "MODEL_REGISTRY_TABLE is not set")
                .contains("GOLD_BUCKET is 'Not_A_Bucket'", "EXECUTION_MODE is 'sideways'", "HTTP_PORT is 'eighty'")
                .contains("REQUEST_TIMEOUT is 'soon'", "REQUEST_MAX_BYTES is '32 MB'", "LOG_FORMAT is 'xml'")
                .contains("MODEL_CACHE_DIR is 'relative/path'");
    }

    @ParameterizedTest
    @CsvSource({"9090,9091", "0,0", "65535,1"})
    void speaksGrpcOnTheNextPort(String http, int grpc) {
        environment.put("HTTP_PORT", http);
        assertThat(Settings.fromEnvironment(environment).ports().grpc()).isEqualTo(grpc);
    }

    @ParameterizedTest
    @CsvSource({"25,25000", "25s,25000", "500ms,500", "2 m,120000", "1h,3600000"})
    void readsDurations(String text, long millis) {
        environment.put("REQUEST_TIMEOUT", text);
        assertThat(Settings.fromEnvironment(environment).requestTimeout()).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"2048,2048", "64 KiB,65536", "1MiB,1048576"})
    void readsBytes(String text, int bytes) {
        environment.put("REQUEST_MAX_BYTES", text);
        assertThat(Settings.fromEnvironment(environment).requestMaxBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_PORT,65536",
        "HTTP_PORT,-1",
        "GRPC_PORT,65536",
        "REQUEST_TIMEOUT,0s",
        "DRAIN_DELAY,121s",
        "REQUEST_MAX_BYTES,1023",
        "REQUEST_MAX_BYTES,999999999999999999 GiB",
        "INFERENCE_THREADS,0"
    })
    void refusesWhatIsOutOfRange(String name, String value) {
        environment.put(name, value);
        assertThatThrownBy(() -> Settings.fromEnvironment(environment))
                .hasMessageContaining(name + " is '" + value + "'");
    }

    @Test
    void readsWhatIsToBeVerified() {
        environment.put("CANDIDATE_MODEL_ID", "iris");
        environment.put("CANDIDATE_VERSION", "2");
        environment.put("CANDIDATE_MANIFEST_VERSION_ID", "abc");
        Settings settings = Settings.fromEnvironment(environment);
        assertThat(settings.candidate()).contains(ModelRef.of("iris", 2));
        assertThat(settings.candidateManifest()).contains("abc");
    }

    @Test
    void refusesAManifestOfNoModel() {
        environment.put("CANDIDATE_MANIFEST_VERSION_ID", "abc");
        assertThatThrownBy(() -> Settings.fromEnvironment(environment))
                .hasMessageContaining("CANDIDATE_MANIFEST_VERSION_ID is 'abc'")
                .hasMessageContaining("not to be set without CANDIDATE_MODEL_ID");
    }

    @Test
    void logsNoPredictionsUnlessToldTo() {
        PredictionLogging log = Settings.fromEnvironment(environment).predictionLog();
        assertThat(log.share()).isZero();
        assertThat(log.shareOf()).isEmpty();
        assertThat(log.bufferMaxBytes()).isEqualTo(64 << 20);
        assertThat(log.flushInterval()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void readsWhichPredictionsAreLogged() {
        environment.put("PREDICTION_LOG", "0.1, iris=full,digits = off,penguins=0.25");
        environment.put("PREDICTION_LOG_BUFFER_BYTES", "1 MiB");
        environment.put("PREDICTION_LOG_INTERVAL", "500ms");
        assertThat(Settings.fromEnvironment(environment).predictionLog())
                .isEqualTo(new PredictionLogging(
                        0.1,
                        Map.of(new ModelId("iris"), 1.0, new ModelId("digits"), 0.0, new ModelId("penguins"), 0.25),
                        1 << 20,
                        Duration.ofMillis(500)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "1.1", "-0.1", "10%", "iris=", "=full", "Iris=full", "full,", "iris=full=off"})
    void refusesOtherSharesOfPredictions(String value) {
        environment.put("PREDICTION_LOG", value);
        assertThatThrownBy(() -> Settings.fromEnvironment(environment))
                .hasMessageContaining("PREDICTION_LOG is '" + value + "'");
    }

    @Test
    void takesAnEmptyVariableAsUnset() {
        environment.put("HTTP_PORT", " ");
        assertThat(Settings.fromEnvironment(environment).ports().http()).isEqualTo(8080);
    }

    @Test
    void takesTheTablesArn() {
        environment.put("MODEL_REGISTRY_TABLE", "arn:aws:dynamodb:eu-central-1:123456789012:table/registry");
        assertThat(Settings.fromEnvironment(environment).registryTable()).startsWith("arn:");
    }
}
