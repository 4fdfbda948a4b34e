package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Python of {@code docs/models.md}, run as it stands there: what it registers is served without a restart. */
@ExtendWith(RunningPlatform.class)
class ModelsGuideIT {
    private static final Path ROOT = Path.of("..");
    private static final Pattern PYTHON = Pattern.compile("(?s)```python\\n(.*?)```");
    private static final List<String> MODELS =
            List.of("wine-sklearn", "titanic-like", "wine-xgboost", "wine-lightgbm", "digits-pytorch");

    @TempDir
    private Path folder;

    private final JsonClient client = new JsonClient();

    @Test
    void registersModelsOfFourFrameworksThatAreServedAtOnce(Platform platform) throws Exception {
        Path script = Files.writeString(folder.resolve("guide.py"), code());
        run(List.of(python(), script.toString()), folder, platform.aws().environment());
        for (String model : MODELS) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(
                                    client.get(platform.service().url("/models/" + model))
                                            .body()
                                            .path("state")
                                            .asText())
                            .isEqualTo("READY"));
            assertIsFoundToBeBatched(model, platform);
            for (JsonNode example : Examples.of(folder.resolve(model).resolve("1"))) {
                JsonClient.Answer answer = client.post(
                        platform.service().url("/predict/" + model),
                        example.get("request").toString());
                assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
                Examples.assertAnswers(example, answer.body());
            }
        }
    }

    /** Its author wrote it down as VERIFIED, so that the service finds out by itself. */
    private void assertIsFoundToBeBatched(String model, Platform platform) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(client.get(platform.service().url("/models/" + model))
                                .body()
                                .get("batching")
                                .toString())
                        .contains("\"allowed\":true"));
    }

    private static String code() throws Exception {
        String guide = Files.readString(ROOT.resolve("docs/models.md"));
        return PYTHON.matcher(guide).results().map(block -> block.group(1)).collect(Collectors.joining("\n\n"));
    }

    private String python() throws Exception {
        List<String> output =
                run(List.of(ROOT.resolve("test/python/setup.sh").toRealPath().toString()), folder, Map.of());
        return output.get(output.size() - 1);
    }

    private static List<String> run(List<String> command, Path directory, Map<String, String> environment)
            throws Exception {
        Path errors = directory.resolve("errors.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(15, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
            return output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
