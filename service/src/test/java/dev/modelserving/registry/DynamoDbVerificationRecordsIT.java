package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.EmulatedAws;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import dev.modelserving.registry.VersionRecord.Status;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ExtendWith(EmulatedAws.class)
class DynamoDbVerificationRecordsIT {
    private static final ModelSignature SIGNATURE =
            new ModelSignature(List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1, 4))), List.of());

    private static final BatchingVerdict BATCHING =
            BatchingVerdict.allowed(8, "it was tried", new RuntimeKind("1.2.3", "amd64 avx2"));

    private final ModelId id = new ModelId("v" + UUID.randomUUID());
    private final ModelRef ref = new ModelRef(id, new ModelVersion(1));
    private final String execution = "execution-" + UUID.randomUUID();
    private final Manifest manifest = new Manifest(
            ref,
            List.of(new ArtifactFile("model.onnx", "0".repeat(64), 1, "s3-version")),
            null,
            "a model",
            new Manifest.Details(
                    8,
                    Manifest.Batching.AUTO,
                    Map.of("accuracy", new BigDecimal("0.5"), "all", List.of(1L, "x", true)),
                    Map.of("gitCommit", "abc")));
    private LocalAws aws;
    private ModelRegistry registry;
    private VerificationRecords records;

    @BeforeEach
    void open(LocalAws emulated) {
        aws = emulated;
        registry = new DynamoDbModelRegistry(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC());
        records = new DynamoDbVerificationRecords(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC());
    }

    @Test
    void fillsInWhatTheWorkflowDidNotKnow() throws Exception {
        registerAsTheWorkflowDoes();
        Candidate candidate = records.candidate(ref).orElseThrow();
        assertThat(candidate)
                .isEqualTo(new Candidate(ref, Status.REGISTERED, "", "p/", "manifest-version", null, false, 0));
        records.write(verdict(VerdictCode.VERIFIED), candidate.withManifest("another-version"), good());
        Map<String, AttributeValue> item = item("MODEL#" + id, "VERSION#0000000001");
        assertThat(item.get("status").s()).isEqualTo("VERIFIED");
        assertThat(item.get("manifestVersionId").s()).isEqualTo("another-version");
        assertThat(item.get("rev").n()).isEqualTo("1");
        assertThat(item.get("maxBatchSize").n()).isEqualTo("8");
        assertThat(item.get("metrics").m()).containsEntry("accuracy", AttributeValue.fromN("0.5"));
        assertThat(item.get("lineage").m()).containsEntry("gitCommit", AttributeValue.fromS("abc"));
        assertThat(item.get("files").l().get(0).m()).containsEntry("s3VersionId", AttributeValue.fromS("s3-version"));
        assertThat(item("MODEL#" + id, "META").get("description").s()).isEqualTo("a model");
        RegisteredModel model = RegistrySnapshot.of(
                        registry.changedSince(Instant.EPOCH).records())
                .model(id)
                .orElseThrow();
        assertThat(model.version(ref.version()).orElseThrow().files()).isEqualTo(manifest.files());
    }

    @Test
    void keepsWithTheVersionAndTheVerdictWhetherItIsBatched() throws Exception {
        registerAsTheWorkflowDoes();
        records.write(verdict(VerdictCode.VERIFIED), records.candidate(ref).orElseThrow(), good());
        Map<String, AttributeValue> batching = Map.of(
                "allowed", AttributeValue.fromBool(true),
                "maxRows", AttributeValue.fromN("8"),
                "reason", AttributeValue.fromS("it was tried"),
                "ortVersion", AttributeValue.fromS("1.2.3"),
                "cpu", AttributeValue.fromS("amd64 avx2"));
        assertThat(item("MODEL#" + id, "VERSION#0000000001").get("batching").m())
                .isEqualTo(batching);
        assertThat(item("EXECUTION#" + execution, "VERDICT#" + id + "#0000000001")
                        .get("batching")
                        .m())
                .isEqualTo(batching);
        VersionRecord read = version();
        assertThat(read.batching()).contains(BATCHING);
        assertThat(read.maxBatchSize()).isEqualTo(8);
    }

    /** The service then finds out by itself. */
    @Test
    void knowsNothingOfBatchingWhereTheItemSaysNothingOrNonsense() throws Exception {
        registry.register(manifest);
        assertThat(version().batching()).isEmpty();
        assertThat(version().maxBatchSize()).isEqualTo(64);
        for (AttributeValue odd : List.of(
                AttributeValue.fromS("yes"),
                AttributeValue.fromM(Map.of("allowed", AttributeValue.fromBool(true))),
                AttributeValue.fromM(Map.of(
                        "allowed", AttributeValue.fromBool(true),
                        "maxRows", AttributeValue.fromN("-1"),
                        "ortVersion", AttributeValue.fromS("any"),
                        "cpu", AttributeValue.fromS("any"))))) {
            aws.dynamoDb()
                    .updateItem(update -> update.tableName(LocalAws.TABLE)
                            .key(key("MODEL#" + id, "VERSION#0000000001"))
                            .updateExpression("SET batching = :odd")
                            .expressionAttributeValues(Map.of(":odd", odd)));
            assertThat(version().batching()).isEmpty();
        }
    }

    private VersionRecord version() throws RegistryException {
        return RegistrySnapshot.of(registry.changedSince(Instant.EPOCH).records())
                .version(ref)
                .orElseThrow();
    }

    @Test
    void writesTheVerdictOfTheContract() throws Exception {
        records.write(verdict(VerdictCode.FILE_MISSING));
        Map<String, AttributeValue> item = item("EXECUTION#" + execution, "VERDICT#" + id + "#0000000001");
        assertThat(item)
                .containsEntry("outcome", AttributeValue.fromS("REJECTED"))
                .containsEntry("code", AttributeValue.fromS("FILE_MISSING"))
                .containsEntry("message", AttributeValue.fromS("so"))
                .containsEntry("examplesPassed", AttributeValue.fromN("1"))
                .containsEntry("examplesFailed", AttributeValue.fromN("2"))
                .containsEntry("loadMillis", AttributeValue.fromN("3"))
                .containsEntry("memoryBytes", AttributeValue.fromN("4"))
                .containsEntry("latencyMicrosP50", AttributeValue.fromN("5"))
                .containsEntry("latencyMicrosP99", AttributeValue.fromN("6"))
                .containsEntry("serviceVersion", AttributeValue.fromS("test"))
                .doesNotContainKey("entity");
    }

    @Test
    void writesNeitherVerdictNorStatusWhenTheVersionHasChanged() throws Exception {
        registry.register(manifest);
        Candidate read = records.candidate(ref).orElseThrow();
        records.write(
                verdict(VerdictCode.FILE_MISSING), read, new VersionChange(Status.REJECTED, "FILE_MISSING: so", null));
        Map<String, AttributeValue> before = item("MODEL#" + id, "VERSION#0000000001");
        assertThat(before.get("reason").s()).isEqualTo("FILE_MISSING: so");
        RegistryException e = Objects.requireNonNull(catchThrowableOfType(
                RegistryException.class, () -> records.write(verdict(VerdictCode.VERIFIED), read, good())));
        assertThat(e.kind()).isEqualTo(RegistryException.Kind.OVERTAKEN);
        assertThat(item("MODEL#" + id, "VERSION#0000000001")).isEqualTo(before);
        assertThat(item("EXECUTION#" + execution, "VERDICT#" + id + "#0000000001"))
                .containsEntry("code", AttributeValue.fromS("FILE_MISSING"));
        records.write(verdict(VerdictCode.VERIFIED), records.candidate(ref).orElseThrow(), good());
        assertThat(item("MODEL#" + id, "VERSION#0000000001"))
                .doesNotContainKey("reason")
                .containsEntry("status", AttributeValue.fromS("VERIFIED"));
    }

    @Test
    void keepsAnAuditOfEachChangedStatus() throws Exception {
        registry.register(manifest);
        records.write(verdict(VerdictCode.VERIFIED), records.candidate(ref).orElseThrow(), good());
        List<Map<String, AttributeValue>> audit = aws.dynamoDb()
                .query(query -> query.tableName(LocalAws.TABLE)
                        .keyConditionExpression("pk = :pk AND begins_with(sk, :audit)")
                        .expressionAttributeValues(Map.of(
                                ":pk", AttributeValue.fromS("MODEL#" + id), ":audit", AttributeValue.fromS("AUDIT#"))))
                .items();
        assertThat(audit)
                .singleElement()
                .satisfies(entry -> assertThat(entry)
                        .containsEntry("from", AttributeValue.fromS("REGISTERED"))
                        .containsEntry("to", AttributeValue.fromS("VERIFIED")));
    }

    @Test
    void knowsWhichVersionsAnAliasPointsTo() throws Exception {
        registry.register(manifest);
        assertThat(records.champions()).doesNotContain(ref);
        records.write(verdict(VerdictCode.VERIFIED), records.candidate(ref).orElseThrow(), good());
        assertThat(records.candidate(ref).orElseThrow().pointedTo()).isFalse();
        registry.moveAlias(id, AliasRecord.CHAMPION, ref.version(), "test");
        assertThat(records.candidate(ref).orElseThrow().pointedTo()).isTrue();
        assertThat(records.champions()).contains(ref);
    }

    @Test
    void givesUpOnAVerdictThatTheTableCannotTake() {
        Verdict endless = new Verdict(
                ref,
                new Verdict.Run("x".repeat(3000), ""),
                VerdictCode.VERIFIED,
                "so",
                Verdict.Measured.NOTHING,
                null,
                "test");
        assertThatThrownBy(() -> records.write(endless)).extracting("kind").isEqualTo(RegistryException.Kind.REFUSED);
    }

    @Test
    void saysWhatIsNotThereAndWhatMakesNoSense() throws Exception {
        assertThat(records.candidate(ref)).isEmpty();
        registerAsTheWorkflowDoes();
        aws.dynamoDb()
                .updateItem(update -> update.tableName(LocalAws.TABLE)
                        .key(key("MODEL#" + id, "VERSION#0000000001"))
                        .updateExpression("SET #status = :odd")
                        .expressionAttributeNames(Map.of("#status", "status"))
                        .expressionAttributeValues(Map.of(":odd", AttributeValue.fromS("PERHAPS"))));
        assertThatThrownBy(() -> records.candidate(ref))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("PERHAPS");
        VerificationRecords absent = new DynamoDbVerificationRecords(aws.dynamoDb(), "absent", Clock.systemUTC());
        assertThatThrownBy(() -> absent.candidate(ref))
                .extracting("kind")
                .isEqualTo(RegistryException.Kind.MISCONFIGURED);
        assertThatThrownBy(() -> absent.write(verdict(VerdictCode.VERIFIED)))
                .extracting("kind")
                .isEqualTo(RegistryException.Kind.MISCONFIGURED);
    }

    private VersionChange good() {
        return new VersionChange(Status.VERIFIED, "", new VersionChange.Found(manifest, SIGNATURE, BATCHING));
    }

    private Verdict verdict(VerdictCode code) {
        return new Verdict(
                ref,
                new Verdict.Run(execution, "2026-01-01T00:00:00Z"),
                code,
                "so",
                new Verdict.Measured(1, 2, 3, 4, 5, 6),
                code.isVerified() ? BATCHING : null,
                "test");
    }

    /** Without files, and even without rev. */
    private void registerAsTheWorkflowDoes() {
        Map<String, AttributeValue> item = new HashMap<>(key("MODEL#" + id, "VERSION#0000000001"));
        item.put("entity", AttributeValue.fromS("VERSION"));
        item.put("modelId", AttributeValue.fromS(id.value()));
        item.put("version", AttributeValue.fromN("1"));
        item.put("status", AttributeValue.fromS("REGISTERED"));
        item.put("artifactPrefix", AttributeValue.fromS("p"));
        item.put("manifestVersionId", AttributeValue.fromS("manifest-version"));
        item.put("updatedAt", AttributeValue.fromS("2026-01-01T00:00:00.000Z"));
        aws.dynamoDb().putItem(put -> put.tableName(LocalAws.TABLE).item(item));
    }

    private Map<String, AttributeValue> item(String pk, String sk) {
        return aws.dynamoDb()
                .getItem(get -> get.tableName(LocalAws.TABLE).key(key(pk, sk)))
                .item();
    }

    private static Map<String, AttributeValue> key(String pk, String sk) {
        return Map.of("pk", AttributeValue.fromS(pk), "sk", AttributeValue.fromS(sk));
    }
}
