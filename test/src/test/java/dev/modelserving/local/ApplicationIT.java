package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.modelserving.local.RunningPlatform.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The real JAR, started as its image starts it. */
@ExtendWith(RunningPlatform.class)
class ApplicationIT {
    @TempDir
    private Path cache;

    private record Run(int exitCode, String output) {}

    @Test
    void listsEverythingThatIsMissingOrMalformedAndExitsWith78() throws Exception {
        Run run = run(Map.of("GOLD_BUCKET", "UPPER", "HTTP_PORT", "http", "EXECUTION_MODE", "sideways"));
        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.output().lines())
                .containsExactly(
                        "model-serving: the environment is not complete or not valid:",
                        "  EXECUTION_MODE is 'sideways' (expected: standalone or step-functions)",
                        "  ARTIFACTS_BUCKET is not set (expected: an S3 bucket's name)",
                        "  GOLD_BUCKET is 'UPPER' (expected: an S3 bucket's name)",
                        "  MODEL_REGISTRY_TABLE is not set (expected: a DynamoDB table's name or ARN)",
                        "  HTTP_PORT is 'http' (expected: a whole number from 0 to 65535)");
    }

    @Test
    void saysInOneLineThatThereIsNoRegion(Platform platform) throws Exception {
        Map<String, String> environment = new HashMap<>(platform.aws().environment());
        environment.put("AWS_REGION", "");
        environment.put("AWS_DEFAULT_REGION", "");
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("HTTP_PORT", "0");
        environment.put("MODEL_CACHE_DIR", cache.toString());
        Run run = run(environment);
        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.output().lines())
                .containsExactly("model-serving: AWS_REGION is not set, and no profile or instance names a region");
    }

    @Test
    void saysInOneLineThatItsPortIsTaken(Platform platform) throws Exception {
        Map<String, String> environment = new HashMap<>(platform.aws().environment());
        String port = Integer.toString(platform.service().url("").getPort());
        environment.put("HTTP_PORT", port);
        environment.put("MODEL_CACHE_DIR", cache.toString());
        Run run = run(environment);
        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.output().lines())
                .containsExactly("model-serving: HTTP_PORT " + port + " is in use by another process");
        environment.putAll(Map.of("HTTP_PORT", "0", "GRPC_PORT", port));
        assertThat(run(environment).output().lines())
                .containsExactly("model-serving: GRPC_PORT " + port + " is in use by another process");
    }

    @Test
    void logsJsonForMachinesAndTextWhereItIsAskedFor(Platform platform) throws Exception {
        assertThat(Files.readAllLines(platform.log(platform.service())))
                .allMatch(line -> line.startsWith("{\"@timestamp\""));
        try (ServiceProcess service = platform.startService(Map.of("LOG_FORMAT", "text"))) {
            assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(Files.readAllLines(platform.log(service)))
                            .allMatch(line -> line.matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} [A-Z]+ .*"))
                            .anyMatch(
                                    line -> line.contains("access: 127.0.0.1 \"GET /health/readiness HTTP/1.1\" 200")));
        }
    }

    @Test
    void takesTheProcessorsOfItsEcsTask(Platform platform) throws Exception {
        byte[] task = "{\"TaskARN\":\"arn:aws:ecs:eu-west-1:111122223333:task/serving/abc\",\"Limits\":{\"CPU\":0.25}}"
                .getBytes(StandardCharsets.UTF_8);
        HttpServer ecs = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ecs.createContext("/v4/def/task", exchange -> {
            exchange.sendResponseHeaders(200, task.length);
            exchange.getResponseBody().write(task);
            exchange.close();
        });
        ecs.start();
        String url = "http://127.0.0.1:" + ecs.getAddress().getPort() + "/v4/def";
        try (ServiceProcess service = platform.startService(
                Map.of("ECS_CONTAINER_METADATA_URI_V4", url, "LOG_FORMAT", "text", "EVENT_LOOP_THREADS", "2"))) {
            assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
            assertThat(Files.readAllLines(platform.log(service)))
                    .anyMatch(line -> line.contains("processors: 1 (0.25 vCPU of the ECS task")
                            && line.contains("threads: 2 for connections, 1 for predictions"));
            assertThat(threadsOf(service, "inference-")).isEqualTo(1);
        } finally {
            ecs.stop(0);
        }
    }

    /** Linux has them as files. */
    private static long threadsOf(ServiceProcess service, String name) throws IOException {
        Path folder = Path.of("/proc", Long.toString(service.pid()), "task");
        long count = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(folder)) {
            for (Path thread : threads) {
                count += Files.readString(thread.resolve("comm")).startsWith(name) ? 1 : 0;
            }
        }
        return count;
    }

    private static Run run(Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        ServiceProcess.jar().toString())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
