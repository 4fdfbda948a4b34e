package dev.modelserving.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.local.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** {@code cdk bootstrap}, {@code cdk deploy} of the data stack, and the service on what came out of it. */
class DeployedDataIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STACK = "model-serving-emulated-data";

    @TempDir
    private Path folder;

    private EmulatedAws aws;

    @BeforeEach
    void start() throws Exception {
        aws = EmulatedAws.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        aws.close();
    }

    @Test
    void theServiceRunsOnTheBucketsAndTheTableOfTheDeployedStack() throws Exception {
        Path assembly = SynthesisedApp.assembly(folder);
        cdk(
                "bootstrap",
                "aws://%s/%s".formatted(EmulatedAws.ACCOUNT, EmulatedAws.REGION),
                "--app",
                assembly.toString());
        JsonNode outputs = deploy(assembly);
        String artifacts = outputs.path("ArtifactsBucket").asText();
        String gold = outputs.path("GoldBucket").asText();
        String table = outputs.path("RegistryTable").asText();

        try (S3Client s3 = s3();
                ServiceProcess service = ServiceProcess.start(
                        environment(artifacts, gold, table),
                        FreePort.find(),
                        ProcessBuilder.Redirect.to(folder.resolve("service.log").toFile()))) {
            assertThat(service.awaitReady(Duration.ofSeconds(60)))
                    .as("an empty registry is no reason not to be ready")
                    .isTrue();

            assertThat(smoke("--url", service.url("").toString()))
                    .containsExactly(
                            "registered smoke-iris version 1",
                            "1 replica(s) report it READY",
                            service.url("") + " answers it rightly");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(
                                    s3.listObjectsV2(list -> list.bucket(gold)).contents())
                            .extracting(S3Object::key)
                            .anyMatch(key -> key.startsWith("predictions/model_id=smoke-iris/")));
        }
        assertThatThrownBy(() -> cdk("destroy", "--app", assembly.toString(), STACK, "--force"))
                .hasMessageContaining("cannot be deleted while TerminationProtection is enabled");
    }

    private JsonNode deploy(Path assembly) throws Exception {
        Path outputs = folder.resolve("outputs.json");
        cdk(
                "deploy",
                "--app",
                assembly.toString(),
                STACK,
                "--require-approval",
                "never",
                "--progress",
                "events",
                "--outputs-file",
                outputs.toString());
        return JSON.readTree(Files.readString(outputs)).path(STACK);
    }

    private void cdk(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(Commands.run(List.of("test/deployment/setup.sh"), Commands.ROOT, Map.of()));
        command.addAll(List.of(arguments));
        Map<String, String> environment = aws.environment();
        environment.put("CDK_DISABLE_CLI_TELEMETRY", "1");
        environment.put("NODE_NO_WARNINGS", "1");
        Commands.run(command, folder, environment);
    }

    private Map<String, String> environment(String artifacts, String gold, String table) {
        Map<String, String> environment = new TreeMap<>(aws.environment());
        environment.put("ARTIFACTS_BUCKET", artifacts);
        environment.put("GOLD_BUCKET", gold);
        environment.put("MODEL_REGISTRY_TABLE", table);
        environment.put("MODEL_CACHE_DIR", folder.resolve("cache").toString());
        environment.put("PREDICTION_LOG", "full");
        environment.put("PREDICTION_LOG_INTERVAL", "1s");
        environment.put("REGISTRY_POLL_INTERVAL", "200ms");
        return environment;
    }

    /** What docs/operations.md has people run after a deployment. */
    private List<String> smoke(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                aws.python().toString(), Commands.ROOT.resolve("infra/smoke.py").toString(), "--stage", "emulated"));
        command.addAll(List.of(arguments));
        return Commands.run(command, folder, aws.environment());
    }

    private S3Client s3() {
        return S3Client.builder()
                .endpointOverride(aws.endpoint())
                .forcePathStyle(true)
                .region(Region.of(EmulatedAws.REGION))
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    }
}
