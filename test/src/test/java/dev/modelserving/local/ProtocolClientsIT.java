package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that know nothing of this service, as they come from PyPI. */
@ExtendWith(RunningPlatform.class)
class ProtocolClientsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CLIENTS = Path.of("clients").toAbsolutePath();
    private static final String MODELS = Path.of("models").toAbsolutePath().toString();

    @TempDir
    private Path folder;

    @Test
    void tritonclientCallsEverySampleModelOverHttp(Platform platform) throws Exception {
        run(List.of(python("."), script("triton_http.py"), http(platform), MODELS));
    }

    @Test
    void tritonclientCallsEverySampleModelOverGrpc(Platform platform) throws Exception {
        run(List.of(python("."), script("triton_grpc.py"), platform.service().grpcAddress(), MODELS));
    }

    @Test
    void kserveCallsEverySampleModelOverBoth(Platform platform) throws Exception {
        run(List.of(
                python("kserve"),
                script("kserve/calls.py"),
                http(platform),
                platform.service().grpcAddress(),
                MODELS));
    }

    /** A line of its input is a request, and one of its output an answer. */
    @Test
    void mlserverInferAnswersEveryLineOfAFile(Platform platform) throws Exception {
        List<String> requests = new ArrayList<>();
        JsonNode examples =
                JSON.readTree(Path.of(MODELS, "iris", "2", "examples.json").toFile());
        for (JsonNode example : examples.path("examples")) {
            requests.add(example.path("request").toString());
        }
        Path input = Files.write(folder.resolve("requests.jsonl"), requests);
        Path output = folder.resolve("answers.jsonl");
        Path program = Path.of(python("mlserver")).resolveSibling("mlserver");
        List<String> command = List.of(
                program.toString(),
                "infer",
                "-u",
                http(platform),
                "-m",
                "iris",
                "-i",
                input.toString(),
                "-o",
                output.toString());
        for (String binary : List.of("", "-b")) {
            List<String> whole = new ArrayList<>(command);
            if (!binary.isEmpty()) {
                whole.add(binary);
            }
            run(whole);
            List<String> answers = Files.readAllLines(output);
            assertThat(answers).hasSameSizeAs(requests).allMatch(line -> line.contains("\"outputs\""));
        }
    }

    private static String http(Platform platform) {
        return platform.service().url("").getAuthority();
    }

    private static String script(String name) {
        return CLIENTS.resolve(name).toString();
    }

    private String python(String environment) throws Exception {
        String venv = CLIENTS.resolveSibling("venv.sh").toString();
        List<String> output = run(List.of(venv, CLIENTS.resolve(environment).toString()));
        return output.get(output.size() - 1);
    }

    private List<String> run(List<String> command) throws Exception {
        return Programs.run(command, folder, Map.of());
    }
}
