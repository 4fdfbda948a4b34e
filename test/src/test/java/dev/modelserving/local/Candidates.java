package dev.modelserving.local;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.artifact.Sha256;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Versions as the workflow registers them, with ids and prefix alone, and runs of the pipeline on them. */
final class Candidates {
    static final Duration LONG = Duration.ofSeconds(60);

    private final LocalAws aws;
    private final Path work;
    private final AtomicInteger runs = new AtomicInteger();

    Candidates(LocalAws aws, Path work) {
        this.aws = aws;
        this.work = work;
    }

    /** What a run left. */
    record Ended(int exitCode, String executionId, List<String> output) {}

    /** Uploads the folder's files and a manifest, and registers the version. */
    ModelRef register(String id, Path folder) throws Exception {
        ModelRef ref = ModelRef.of(id, 1);
        publish(ref, folder);
        writeItem(ref, "REGISTERED");
        return ref;
    }

    /** Uploads the folder's files, and a manifest of them last. */
    void publish(ModelRef ref, Path folder) throws Exception {
        List<ArtifactFile> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                String path = folder.relativize(file).toString();
                files.add(new ArtifactFile(path, Sha256.of(file), Files.size(file)));
                upload(Manifest.prefix(ref) + path, Files.readAllBytes(file));
            }
        }
        String examples = Files.exists(folder.resolve("examples.json")) ? "examples.json" : null;
        upload(Manifest.prefix(ref) + Manifest.FILE_NAME, new Manifest(ref, files, examples, "a " + ref.id()).toJson());
    }

    byte[] manifest(ModelRef ref) {
        return aws.s3()
                .getObjectAsBytes(
                        get -> get.bucket(LocalAws.ARTIFACTS_BUCKET).key(Manifest.prefix(ref) + Manifest.FILE_NAME))
                .asByteArray();
    }

    /** Of the manifest that is there now. */
    String manifestVersionId(ModelRef ref) {
        return aws.s3()
                .headObject(
                        head -> head.bucket(LocalAws.ARTIFACTS_BUCKET).key(Manifest.prefix(ref) + Manifest.FILE_NAME))
                .versionId();
    }

    void upload(String key, byte[] content) {
        aws.s3().putObject(put -> put.bucket(LocalAws.ARTIFACTS_BUCKET).key(key), RequestBody.fromBytes(content));
    }

    void writeItem(ModelRef ref, String status) {
        Map<String, AttributeValue> item = new HashMap<>(key(ref));
        item.put("entity", AttributeValue.fromS("VERSION"));
        item.put("modelId", AttributeValue.fromS(ref.id().value()));
        item.put("version", AttributeValue.fromN(ref.version().toString()));
        item.put("status", AttributeValue.fromS(status));
        item.put("artifactPrefix", AttributeValue.fromS(Manifest.prefix(ref)));
        item.put("rev", AttributeValue.fromN("1"));
        item.put("updatedAt", AttributeValue.fromS("2026-01-01T00:00:00.000Z"));
        item.put("createdAt", AttributeValue.fromS("2026-01-01T00:00:00.000Z"));
        aws.dynamoDb().putItem(put -> put.tableName(LocalAws.TABLE).item(item));
    }

    /** Runs the pipeline on the version and waits for its end. */
    Ended verify(ModelRef ref) throws Exception {
        return verify(ref, Map.of());
    }

    /** The same with other variables on top. */
    Ended verify(ModelRef ref, Map<String, String> variables) throws Exception {
        String id = "it-" + UUID.randomUUID();
        try (PipelineRun run = start(ref, id, variables)) {
            int code = run.awaitExit(LONG);
            return new Ended(code, id, run.output());
        }
    }

    PipelineRun start(ModelRef ref, String executionId, Map<String, String> variables) throws Exception {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("MODEL_CACHE_DIR", work.resolve("cache").toString());
        environment.put("PIPELINE_EXECUTION_ID", executionId);
        environment.put("CANDIDATE_MODEL_ID", ref.id().value());
        environment.put("CANDIDATE_VERSION", ref.version().toString());
        environment.putAll(variables);
        return PipelineRun.start(environment, work.resolve("run-" + runs.incrementAndGet() + ".log"));
    }

    Map<String, AttributeValue> item(ModelRef ref) {
        return get(key(ref));
    }

    String status(ModelRef ref) {
        return item(ref).get("status").s();
    }

    /** Empty when there is none. */
    Map<String, AttributeValue> verdict(String executionId, ModelRef ref) {
        return get(Map.of(
                "pk", AttributeValue.fromS("EXECUTION#" + executionId),
                "sk",
                        AttributeValue.fromS("VERDICT#%s#%010d"
                                .formatted(ref.id(), ref.version().value()))));
    }

    private Map<String, AttributeValue> get(Map<String, AttributeValue> key) {
        return aws.dynamoDb()
                .getItem(get -> get.tableName(LocalAws.TABLE).key(key).consistentRead(true))
                .item();
    }

    private static Map<String, AttributeValue> key(ModelRef ref) {
        return Map.of(
                "pk", AttributeValue.fromS("MODEL#" + ref.id()),
                "sk",
                        AttributeValue.fromS(
                                "VERSION#%010d".formatted(ref.version().value())));
    }
}
