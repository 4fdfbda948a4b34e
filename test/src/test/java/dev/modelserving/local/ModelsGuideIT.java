package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        Programs.run(
                List.of(python(), script.toString()), folder, platform.aws().environment());
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
        List<String> output = Programs.run(
                List.of(ROOT.resolve("test/python/setup.sh").toRealPath().toString()), folder, Map.of());
        return output.get(output.size() - 1);
    }
}
