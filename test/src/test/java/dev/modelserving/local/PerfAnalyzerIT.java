package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Triton's load generator, as it comes from PyPI. */
@ExtendWith(RunningPlatform.class)
class PerfAnalyzerIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SETUP = Path.of("perf-analyzer", "setup.sh").toAbsolutePath();

    /** Short windows, of which any is good enough: nothing is measured here. */
    private static final List<String> SHORT =
            List.of("--measurement-interval", "300", "--stability-percentage", "999", "--max-trials", "3");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc"})
    void needsToBeToldNothingOfAModelWhoseRowsAreJoined(String protocol, Platform platform) throws Exception {
        assertThat(run(platform, protocol, "iris", List.of("--concurrency-range", "1:16:5")))
                .filteredOn(line -> line.startsWith("Concurrency: "))
                .hasSize(4)
                .noneMatch(line -> line.contains("throughput: 0 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc"})
    void takesShapesAndExamplesOfOtherModels(String protocol, Platform platform) throws Exception {
        JsonNode example = JSON.readTree(Path.of("models", "all-minilm-l6-v2-q", "1", "examples.json")
                        .toFile())
                .path("examples")
                .path(0);
        List<String> shapes = new ArrayList<>();
        ObjectNode data = JSON.createObjectNode();
        ObjectNode one = data.putArray("data").addObject();
        for (JsonNode input : example.path("request").path("inputs")) {
            String name = input.path("name").asText();
            List<String> sizes = new ArrayList<>();
            input.path("shape").forEach(size -> sizes.add(size.asText()));
            shapes.addAll(List.of("--shape", name + ":" + String.join(",", sizes)));
            one.set(name, input.path("data"));
        }
        Path file = Files.writeString(folder.resolve("data.json"), data.toString());
        shapes.addAll(List.of("--input-data", file.toString(), "--concurrency-range", "1:16:15"));
        assertThat(run(platform, protocol, "all-minilm-l6-v2-q", shapes))
                .filteredOn(line -> line.startsWith("Concurrency: "))
                .hasSize(2);
    }

    @Test
    void seesWhatTheServerCounted(Platform platform) throws Exception {
        assertThat(run(platform, "grpc", "iris", List.of()))
                .anyMatch(line -> line.strip().startsWith("Execution count: "));
    }

    private List<String> run(Platform platform, String protocol, String model, List<String> more) throws Exception {
        List<String> setup = Programs.run(List.of(SETUP.toString()), folder, Map.of());
        String address = protocol.equals("grpc")
                ? platform.service().grpcAddress()
                : platform.service().url("").getAuthority();
        List<String> command = new ArrayList<>(List.of(setup.get(setup.size() - 1)));
        command.addAll(List.of("-m", model, "-u", address, "-i", protocol));
        command.addAll(SHORT);
        command.addAll(more);
        return Programs.run(command, folder, Map.of());
    }
}
