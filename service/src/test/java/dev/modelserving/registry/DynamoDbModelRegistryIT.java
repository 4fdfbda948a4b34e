package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.EmulatedAws;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ExtendWith(EmulatedAws.class)
class DynamoDbModelRegistryIT {
    private static final ModelSignature SIGNATURE =
            new ModelSignature(List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1, 4))), List.of());

    private final ModelId id = new ModelId("m" + UUID.randomUUID());
    private LocalAws aws;
    private ModelRegistry registry;

    @BeforeEach
    void open(LocalAws emulated) {
        aws = emulated;
        registry = new DynamoDbModelRegistry(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC());
    }

    @Test
    void readsWhatWasRegistered() throws Exception {
        Manifest manifest = manifest(1);
        assertThat(registry.register(manifest)).isTrue();
        assertThat(registry.register(manifest)).isFalse();
        registry.recordVerified(manifest, SIGNATURE, null);
        registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(1), "test");
        RegisteredModel model = read();
        assertThat(model.description()).isEqualTo("a model");
        assertThat(model.version(new ModelVersion(1))).hasValueSatisfying(version -> {
            assertThat(version.status()).isEqualTo(VersionRecord.Status.VERIFIED);
            assertThat(version.files()).isEqualTo(manifest.files());
            assertThat(version.examples()).contains("examples.json");
            assertThat(version.artifactPrefix()).isEqualTo("models/" + id + "/1/");
        });
        assertThat(model.champion())
                .hasValueSatisfying(alias -> assertThat(alias.rev()).isEqualTo(1));
    }

    @Test
    void writesTheItemsOfTheContract() throws Exception {
        registry.register(manifest(1));
        registry.recordVerified(manifest(1), SIGNATURE, null);
        registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(1), "somebody");
        Map<String, AttributeValue> version = item("VERSION#0000000001");
        assertThat(version.get("updatedAt").s()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(version.get("inputs").l().get(0).m()).containsEntry("datatype", AttributeValue.fromS("FP32"));
        assertThat(item("ALIAS#champion")).containsEntry("updatedBy", AttributeValue.fromS("somebody"));
        List<Map<String, AttributeValue>> audit = aws.dynamoDb()
                .query(query -> query.tableName(LocalAws.TABLE)
                        .keyConditionExpression("pk = :pk AND begins_with(sk, :audit)")
                        .expressionAttributeValues(Map.of(
                                ":pk", AttributeValue.fromS("MODEL#" + id), ":audit", AttributeValue.fromS("AUDIT#"))))
                .items();
        assertThat(audit).singleElement().satisfies(entry -> {
            assertThat(entry).doesNotContainKey("entity");
            assertThat(entry.get("to").n()).isEqualTo("1");
        });
    }

    @Test
    void movesAnAliasOnlyToAVerifiedVersion() throws Exception {
        registry.register(manifest(1));
        RegistryException e = Objects.requireNonNull(catchThrowableOfType(
                RegistryException.class,
                () -> registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(1), "test")));
        assertThat(e.isFinal()).isTrue();
        assertThat(registry.alias(id, AliasRecord.CHAMPION)).isEmpty();
    }

    @Test
    void remembersWhereAnAliasPointedBefore() throws Exception {
        for (int version = 1; version <= 2; version++) {
            registry.register(manifest(version));
            registry.recordVerified(manifest(version), SIGNATURE, null);
            registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(version), "test");
        }
        AliasRecord champion = registry.alias(id, AliasRecord.CHAMPION).orElseThrow();
        assertThat(champion.previousVersion()).contains(new ModelVersion(1));
        assertThat(champion.rev()).isEqualTo(2);
        assertThat(item("ALIAS#champion")).containsKeys("createdAt", "updatedAt");
    }

    @Test
    void movesAnAliasInExactlyOneOrderWhoeverMovesItAtTheSameTime() throws Exception {
        for (int version = 1; version <= 4; version++) {
            registry.register(manifest(version));
            registry.recordVerified(manifest(version), SIGNATURE, null);
        }
        registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(1), "test");
        ExecutorService movers = Executors.newFixedThreadPool(3);
        try {
            List<Future<Boolean>> moves = IntStream.rangeClosed(2, 4)
                    .mapToObj(version -> movers.submit(() -> moved(version)))
                    .toList();
            long succeeded = 0;
            for (Future<Boolean> move : moves) {
                succeeded += move.get() ? 1 : 0;
            }
            assertThat(succeeded).isPositive();
            assertThat(registry.alias(id, AliasRecord.CHAMPION).orElseThrow().rev())
                    .isEqualTo(1 + succeeded);
        } finally {
            movers.shutdownNow();
        }
    }

    private boolean moved(int version) {
        try {
            registry.moveAlias(id, AliasRecord.CHAMPION, new ModelVersion(version), "mover " + version);
            return true;
        } catch (RegistryException e) {
            assertThat(e.isFinal()).isTrue();
            return false;
        }
    }

    @Test
    void verifiesOnlyWhatIsRegistered() {
        assertThatThrownBy(() -> registry.recordVerified(manifest(7), SIGNATURE, null))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("not registered");
    }

    @Test
    void keepsAVersionWhoseItemIsNotValidAndSaysWhatIsWrong() throws Exception {
        aws.dynamoDb()
                .putItem(put -> put.tableName(LocalAws.TABLE)
                        .item(Map.of(
                                "pk", AttributeValue.fromS("MODEL#" + id),
                                "sk", AttributeValue.fromS("VERSION#0000000001"),
                                "entity", AttributeValue.fromS("VERSION"),
                                "modelId", AttributeValue.fromS(id.value()),
                                "version", AttributeValue.fromN("1"),
                                "status", AttributeValue.fromS("VERIFIED"),
                                "updatedAt", AttributeValue.fromS(RegistryWrites.stamp(Instant.now())))));
        assertThat(read().version(new ModelVersion(1)).orElseThrow().defect())
                .hasValueSatisfying(defect -> assertThat(defect).contains("'files' is missing"));
    }

    @Test
    void passesOverItemsThatStandForNothing() throws Exception {
        aws.dynamoDb()
                .putItem(put -> put.tableName(LocalAws.TABLE)
                        .item(Map.of(
                                "pk", AttributeValue.fromS("MODEL#" + id),
                                "sk", AttributeValue.fromS("VERSION#broken"),
                                "entity", AttributeValue.fromS("VERSION"),
                                "updatedAt", AttributeValue.fromS(RegistryWrites.stamp(Instant.now())))));
        registry.register(manifest(1));
        assertThat(read().versions()).hasSize(1);
    }

    @Test
    void saysThatATableIsNotThere() {
        ModelRegistry absent = new DynamoDbModelRegistry(aws.dynamoDb(), "absent", Clock.systemUTC());
        assertThatThrownBy(() -> absent.changedSince(Instant.EPOCH))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> absent.alias(id, "champion")).isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> absent.register(manifest(1))).isInstanceOf(RegistryException.class);
    }

    private RegisteredModel read() throws RegistryException {
        return RegistrySnapshot.of(registry.changedSince(Instant.EPOCH).records())
                .model(id)
                .orElseThrow();
    }

    private Map<String, AttributeValue> item(String sortKey) {
        return aws.dynamoDb()
                .getItem(get -> get.tableName(LocalAws.TABLE)
                        .key(Map.of("pk", AttributeValue.fromS("MODEL#" + id), "sk", AttributeValue.fromS(sortKey))))
                .item();
    }

    private Manifest manifest(long version) {
        String sha = "0".repeat(64);
        return new Manifest(
                new ModelRef(id, new ModelVersion(version)),
                List.of(new ArtifactFile("model.onnx", sha, 1), new ArtifactFile("examples.json", sha, 2)),
                "examples.json",
                "a model");
    }
}
