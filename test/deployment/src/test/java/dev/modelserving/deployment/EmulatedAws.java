package dev.modelserving.deployment;

import dev.modelserving.emulators.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * An AWS account on this machine that stacks can be deployed into. It keeps everything in memory, and ignores much of
 * what templates ask for; other tests look at templates.
 */
public final class EmulatedAws implements AutoCloseable {
    public static final String ACCOUNT = "000000000000";
    public static final String REGION = "eu-central-1";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final URI endpoint;
    private final Path program;

    private EmulatedAws(Process process, URI endpoint, Path program) {
        this.process = process;
        this.endpoint = endpoint;
        this.program = program;
    }

    /** Starts it and waits until it answers. */
    public static EmulatedAws start(Path folder) throws Exception {
        Path program = program();
        return start(folder, program, List.of(program.toString()), Map.of());
    }

    /** The same, with state machines whose ECS tasks run where {@code tasks} says. */
    public static EmulatedAws startWithTasks(Path folder, URI tasks) throws Exception {
        Path program = program();
        Path script = Commands.ROOT.resolve("test/deployment/src/test/python/ministack_as_aws.py");
        List<String> command = List.of(program.resolveSibling("python").toString(), script.toString());
        return start(folder, program, command, Map.of("ECS_TASKS_URL", tasks.toString()));
    }

    private static Path program() throws Exception {
        List<String> lines = Commands.run(List.of("test/policy/setup.sh"), Commands.ROOT, Map.of());
        return Path.of(lines.get(lines.size() - 1), "ministack").toRealPath();
    }

    private static EmulatedAws start(Path folder, Path program, List<String> command, Map<String, String> environment)
            throws Exception {
        int port = FreePort.find();
        // It ends when its input does, so also when this process is killed.
        List<String> tethered = new ArrayList<>(
                List.of("sh", "-c", "\"$0\" \"$@\" & child=$!; cat >/dev/null; kill $child; wait $child"));
        tethered.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(tethered)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("emulator.log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "BIND_HOST",
                        "127.0.0.1",
                        "GATEWAY_PORT",
                        Integer.toString(port),
                        "MINISTACK_REGION",
                        REGION,
                        "SFTP_ENABLED",
                        "0",
                        "IOT_MTLS_ENABLED",
                        "0",
                        "HOME",
                        folder.toString(),
                        "TMPDIR",
                        folder.toString()));
        builder.environment().putAll(environment);
        EmulatedAws aws = new EmulatedAws(builder.start(), URI.create("http://127.0.0.1:" + port), program);
        try {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(aws::isReady);
            return aws;
        } catch (RuntimeException e) {
            aws.close();
            throw e;
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    /** A Python that has boto3. */
    public Path python() {
        return program.resolveSibling("python");
    }

    /** The variables by which the CDK CLI, or any AWS SDK, uses it and nothing else. */
    public Map<String, String> environment() {
        return new TreeMap<>(Map.of(
                "AWS_ENDPOINT_URL", endpoint.toString(),
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_REGION", REGION,
                "AWS_DEFAULT_REGION", REGION,
                "AWS_EC2_METADATA_DISABLED", "true",
                "AWS_CONFIG_FILE", "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE", "/dev/null"));
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReady() throws InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("the emulator ended with " + process.exitValue());
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/_ministack/ready"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
