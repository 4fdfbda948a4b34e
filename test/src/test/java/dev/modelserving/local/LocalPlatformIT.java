package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.FreePort;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mvn -Plocal} starts, as a process. */
class LocalPlatformIT {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void servesUntilCtrlCAndFindsItsDataAgain() throws Exception {
        int port = FreePort.find();
        assertThat(startUntilReadyThenEnd(port, "INT")).contains("now iris/2 is registered");
        assertThat(startUntilReadyThenEnd(port, "TERM")).contains("already iris/2 is registered");
    }

    private String startUntilReadyThenEnd(int port, String signal) throws Exception {
        Path output = folder.resolve(signal + ".log");
        Process platform = start(output, Map.of("HTTP_PORT", Integer.toString(port)));
        try {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> !platform.isAlive() || Files.readString(output).contains("step-functions mode: "));
            assertThat(Files.readString(output)).contains(": 8 VERIFIED; exit code 0 after ");
            assertThat(Files.readString(output))
                    .contains("ready: http://localhost:" + port, "curl http://localhost:" + port);
            assertThat(new JsonClient()
                            .get(URI.create("http://127.0.0.1:" + port + "/health/readiness"))
                            .status())
                    .isEqualTo(200);
            assertThat(folder.resolve("data/env"))
                    .content()
                    .contains(
                            "export AWS_ENDPOINT_URL_S3='http://127.0.0.1:",
                            "export MODEL_REGISTRY_TABLE='model-registry'");
            List<ProcessHandle> children = platform.descendants().toList();
            assertThat(children).hasSize(3);
            new ProcessBuilder("kill", "-" + signal, Long.toString(platform.pid()))
                    .start()
                    .waitFor();
            assertThat(platform.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(platform.exitValue()).isZero();
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            new ServerSocket(port).close();
            return Files.readString(output);
        } finally {
            platform.destroyForcibly();
        }
    }

    @Test
    void leavesNoProcessBehindWhenItIsKilled() throws Exception {
        Path output = folder.resolve("killed.log");
        Process platform = start(output, Map.of("HTTP_PORT", Integer.toString(FreePort.find())));
        try {
            Awaitility.await().atMost(LONG).until(() -> platform.descendants().count() == 3);
            List<ProcessHandle> children = platform.descendants().toList();
            platform.destroyForcibly().waitFor();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            platform.destroyForcibly();
        }
    }

    @Test
    void saysInOneLineThatAPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(failure(Map.of("HTTP_PORT", port)))
                    .containsExactly("model-serving: port " + port
                            + " is in use by another process; stop it, or set HTTP_PORT to a free port");
            assertThat(failure(Map.of("HTTP_PORT", "0", "GRPC_PORT", port)))
                    .containsExactly("model-serving: port " + port
                            + " is in use by another process; stop it, or set GRPC_PORT to a free port");
        }
    }

    @Test
    void saysInOneLineWhichVariableIsWrong() throws Exception {
        assertThat(failure(Map.of("REQUEST_TIMEOUT", "soon")))
                .containsExactly(
                        "model-serving: the environment is not complete or not valid:",
                        "  REQUEST_TIMEOUT is 'soon' (expected: a duration from 1ms to 3600s, such as 500ms or 25s)");
    }

    private List<String> failure(Map<String, String> variables) throws Exception {
        Path output = folder.resolve("failure.log");
        Process platform = start(output, variables);
        try {
            assertThat(platform.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(platform.exitValue()).isPositive();
            return Files.readAllLines(output);
        } finally {
            platform.destroyForcibly();
        }
    }

    private Process start(Path output, Map<String, String> variables) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=logback-platform.xml",
                "-cp",
                System.getProperty("java.class.path"),
                LocalPlatform.class.getName(),
                folder.resolve("data").toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(variables);
        return builder.start();
    }
}
