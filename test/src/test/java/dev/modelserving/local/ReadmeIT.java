package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The curl lines of README, run as they stand there, answer as printed. */
@ExtendWith(RunningPlatform.class)
class ReadmeIT {
    /** A command, which may go on in further lines, an empty line, and its answer. */
    private static final Pattern CALL = Pattern.compile("(?m)^ {4}(curl (?:.*\\\\\\n)*.*)\\n\\n {4}(\\{.*})$");

    private static final List<String> DIFFERENT_EACH_TIME = List.of("id", "request_id", "loadedAt", "memoryBytes");

    @Test
    void itsCurlLinesAnswerAsPrinted(Platform platform) throws Exception {
        List<MatchResult> calls = CALL.matcher(Files.readString(Path.of("..", "README.md")))
                .results()
                .toList();
        assertThat(calls).hasSize(4);
        for (MatchResult call : calls) {
            String command = call.group(1)
                    .replace("http://localhost:8080", platform.service().url("").toString());
            JsonNode printed = JsonClient.JSON.readTree(call.group(2));
            JsonNode answered = JsonClient.JSON.readTree(run(command));
            assertThat(withoutWhatDiffers(answered)).isEqualTo(withoutWhatDiffers(printed));
        }
    }

    private static String run(String command) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", command).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static JsonNode withoutWhatDiffers(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(DIFFERENT_EACH_TIME);
            object.forEach(ReadmeIT::withoutWhatDiffers);
        } else if (node instanceof ArrayNode array) {
            array.forEach(ReadmeIT::withoutWhatDiffers);
        }
        return node;
    }
}
