package dev.modelserving.deployment.interpreter;

import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Commands;
import dev.modelserving.deployment.EmulatedAws;
import dev.modelserving.deployment.Json;
import dev.modelserving.emulators.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Runs state machines as AWS does, on this machine, with answers from a file in place of every service; until {@link #close()}.
 * Safe for use by several threads.
 */
final class Interpreter implements AutoCloseable {
    static final String ACCOUNT = EmulatedAws.ACCOUNT;
    static final String REGION = EmulatedAws.REGION;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final URI endpoint;
    private final Path log;

    private Interpreter(Process process, URI endpoint, Path log) {
        this.process = process;
        this.endpoint = endpoint;
        this.log = log;
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param mocks what each state of each test case is answered, call by call, in the format of AWS Step Functions Local
     */
    static Interpreter start(Path folder, JsonNode mocks) throws Exception {
        List<String> lines = Commands.run(List.of("test/workflow/setup.sh"), Commands.ROOT, Map.of());
        int port = FreePort.find();
        Path log = folder.resolve("interpreter.log");
        ProcessBuilder builder = new ProcessBuilder(
                        lines.get(lines.size() - 1),
                        Commands.ROOT.resolve("test/workflow/interpreter.py").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Path answers = folder.resolve("answers.json");
        Files.writeString(answers, mocks.toString());
        builder.environment().putAll(environment(folder, port));
        builder.environment().put("SFN_MOCK_CONFIG", answers.toString());
        Interpreter interpreter =
                new Interpreter(builder.start(), URI.create("http://127.0.0.1:%d/".formatted(port)), log);
        try {
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(interpreter::isReady);
            return interpreter;
        } catch (RuntimeException e) {
            interpreter.close();
            throw e;
        }
    }

    /** What it refuses is no state machine. */
    void create(String name, String definition) throws IOException, InterruptedException {
        call(
                "CreateStateMachine",
                Json.object()
                        .put("name", name)
                        .put("definition", definition)
                        .put("roleArn", "arn:aws:iam::%s:role/workflow".formatted(ACCOUNT)));
    }

    /** Runs one test case to its end, and gives all that happened. */
    WorkflowRun run(String machine, String testCase, String input, Duration limit)
            throws IOException, InterruptedException {
        String execution = call(
                        "StartExecution",
                        Json.object()
                                .put(
                                        "stateMachineArn",
                                        "arn:aws:states:%s:%s:stateMachine:%s#%s"
                                                .formatted(REGION, ACCOUNT, machine, testCase))
                                .put("name", testCase)
                                .put("input", input))
                .path("executionArn")
                .asText();
        ObjectNode question = Json.object().put("executionArn", execution);
        JsonNode end = Awaitility.await(testCase)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> call("DescribeExecution", question),
                        description -> !description.path("status").asText().equals("RUNNING"));
        return new WorkflowRun(testCase, end, history(execution));
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private ArrayNode history(String execution) throws IOException, InterruptedException {
        ArrayNode events = Json.object().arrayNode();
        ObjectNode question = Json.object().put("executionArn", execution).put("maxResults", 1000);
        JsonNode page;
        do {
            page = call("GetExecutionHistory", question);
            page.path("events").forEach(events::add);
            question.put("nextToken", page.path("nextToken").asText());
        } while (page.hasNonNull("nextToken"));
        return events;
    }

    private JsonNode call(String operation, JsonNode body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-amz-json-1.0")
                .header("X-Amz-Target", "AWSStepFunctions." + operation)
                // Not signed, but it says for which service and region.
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=test/20260101/%s/states/aws4_request, SignedHeaders=host, Signature=0"
                                .formatted(REGION))
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(operation + ": " + response.body() + " (more is in " + log + ")");
        }
        return Json.parse(response.body());
    }

    private boolean isReady() throws InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "the interpreter ended with " + process.exitValue() + "; its output is in " + log);
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/_localstack/health"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, String> environment(Path folder, int port) throws IOException, URISyntaxException {
        Map<String, String> variables = new TreeMap<>();
        variables.put("SERVICES", "stepfunctions,iam,sts");
        variables.put("GATEWAY_LISTEN", "127.0.0.1:" + port);
        variables.put("DNS_ADDRESS", "0");
        variables.put("DISABLE_EVENTS", "1");
        variables.put("SKIP_SSL_CERT_DOWNLOAD", "1");
        variables.put("OVERRIDE_IN_DOCKER", "0");
        variables.put("EAGER_SERVICE_LOADING", "0");
        variables.put("LS_LOG", "error");
        variables.put("RUNTIME_COMPONENTS", "aws");
        variables.put(
                "FILESYSTEM_ROOT",
                Files.createDirectories(folder.resolve("files")).toString());
        variables.put("HOME", folder.toString());
        variables.put("TMPDIR", folder.toString());
        variables.put("JSONATA_JAVA_HOME", System.getProperty("java.home"));
        variables.put(
                "JSONATA_LIBRARIES", libraries(folder.resolve("libraries")).toString());
        return variables;
    }

    /** A folder with the JARs that evaluate JSONata, as Maven has brought them. */
    private static Path libraries(Path folder) throws IOException, URISyntaxException {
        Files.createDirectories(folder);
        for (Class<?> one : List.of(Jsonata.class, ObjectMapper.class, JsonParser.class, JsonProperty.class)) {
            Path jar = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
            Files.copy(jar, folder.resolve(jar.getFileName()));
        }
        return folder;
    }
}
