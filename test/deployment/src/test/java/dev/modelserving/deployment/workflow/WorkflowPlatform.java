package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.deployment.EmulatedAws;
import dev.modelserving.deployment.SynthesisedApp;
import dev.modelserving.deployment.SynthesisedDefinition;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.local.ServiceProcess;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** An emulated account with the workflow in it, and one service that follows the registry, for all tests of a run. */
public final class WorkflowPlatform implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(WorkflowPlatform.class);
    private static final String GOLD_BUCKET = "model-gold";
    static final String FLOWER =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";
    private static final Pattern VERSION = Pattern.compile("\"model_version\":(\\d+)");

    /** What tests use of it. */
    record Workflow(
            EmulatedAws aws,
            EcsTasks tasks,
            S3Client s3,
            DynamoDbClient dynamoDb,
            StateMachine machine,
            ServiceProcess service)
            implements AutoCloseable {

        Registry registry() {
            return new Registry(dynamoDb);
        }

        ModelUpload uploads() {
            return new ModelUpload(s3);
        }

        /** A sample iris, uploaded as that version and released. */
        StateMachine.Execution release(String modelId, long version) throws Exception {
            return machine.run(uploads().upload(ModelRef.of(modelId, version), Samples.iris(version % 2 == 0 ? 2 : 1)));
        }

        /** Which version the service answers with; the status of its answer, negative, when it does not. */
        long answering(String modelId) throws IOException, InterruptedException {
            HttpResponse<String> answer = predict(modelId);
            Matcher version = VERSION.matcher(answer.body());
            return answer.statusCode() == 200 && version.find()
                    ? Long.parseLong(version.group(1))
                    : -answer.statusCode();
        }

        /** What the service answers. */
        String ask(String modelId) throws IOException, InterruptedException {
            return predict(modelId).body();
        }

        private HttpResponse<String> predict(String modelId) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(service.url("/predict/" + modelId))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(FLOWER))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        }

        /** Takes the step while the service does nothing at all, as if its machine had stopped. */
        <T> T whileServiceIsPaused(Callable<T> step) throws Exception {
            signal("STOP");
            try {
                return step.call();
            } finally {
                signal("CONT");
            }
        }

        private void signal(String name) throws Exception {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(service.pid()))
                    .inheritIO()
                    .start();
            assertThat(kill.waitFor()).isZero();
        }

        @Override
        public void close() throws IOException {
            service.close();
            s3.close();
            dynamoDb.close();
            aws.close();
            tasks.close();
        }
    }

    /** The part of an answer that the model has made. */
    static String outputs(String answer) {
        return answer.substring(answer.indexOf("\"outputs\":"));
    }

    private static Workflow start() {
        try {
            Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "workflow");
            EcsTasks tasks = EcsTasks.start(folder);
            EmulatedAws aws = EmulatedAws.startWithTasks(folder, tasks.url());
            S3Client s3 = s3(aws.endpoint());
            DynamoDbClient dynamoDb = dynamoDb(aws.endpoint());
            for (String bucket : new String[] {ModelUpload.BUCKET, GOLD_BUCKET}) {
                s3.createBucket(create -> create.bucket(bucket));
                s3.putBucketVersioning(put -> put.bucket(bucket)
                        .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
            }
            new Registry(dynamoDb).createTable();
            StateMachine machine = StateMachine.create(aws, "ml-workflow", definition(folder));
            Map<String, String> environment = environment(aws);
            tasks.define(environment);
            ServiceProcess service = service(environment, folder);
            return new Workflow(aws, tasks, s3, dynamoDb, machine, service);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** That of the workflow stack, with names of this account, and times that suit tests. */
    private static String definition(Path folder) throws Exception {
        String ecs = "arn:aws:ecs:" + EmulatedAws.REGION + ":" + EmulatedAws.ACCOUNT;
        Map<String, String> values = new TreeMap<>(Map.of(
                "Partition",
                "aws",
                "ClusterArn",
                ecs + ":cluster/serving",
                "TaskDefinitionArn",
                ecs + ":task-definition/pipeline:1",
                "SubnetIds",
                "subnet-1,subnet-2",
                "SecurityGroupId",
                "sg-1",
                "RegistryTable",
                Registry.TABLE));
        values.putAll(Map.of(
                "VerifyWithinSeconds", "300",
                "ServeWithinSeconds", "60",
                "RetryDelaySeconds", "1",
                "PollSeconds", "1"));
        return SynthesisedDefinition.read(
                SynthesisedApp.assembly(folder),
                "model-serving-" + SynthesisedApp.STAGE + "-workflow.template.json",
                values);
    }

    private static ServiceProcess service(Map<String, String> environment, Path folder) throws Exception {
        Map<String, String> variables = new TreeMap<>(environment);
        variables.put("MODEL_CACHE_DIR", folder.resolve("cache").toString());
        variables.put("REGISTRY_POLL_INTERVAL", "200ms");
        ServiceProcess service = ServiceProcess.start(
                variables,
                FreePort.find(),
                ProcessBuilder.Redirect.to(folder.resolve("service.log").toFile()));
        assertThat(service.awaitReady(Duration.ofSeconds(60))).as("%s", folder).isTrue();
        return service;
    }

    private static Map<String, String> environment(EmulatedAws aws) {
        Map<String, String> environment = aws.environment();
        environment.put("ARTIFACTS_BUCKET", ModelUpload.BUCKET);
        environment.put("GOLD_BUCKET", GOLD_BUCKET);
        environment.put("MODEL_REGISTRY_TABLE", Registry.TABLE);
        return environment;
    }

    private static S3Client s3(URI endpoint) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.of(EmulatedAws.REGION))
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static DynamoDbClient dynamoDb(URI endpoint) {
        return DynamoDbClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(EmulatedAws.REGION))
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Workflow.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent("workflow", key -> start(), Workflow.class);
    }
}
