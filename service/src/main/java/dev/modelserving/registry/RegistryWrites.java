package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.TensorSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** The conditional writes that keep the table right whoever else writes to it. */
final class RegistryWrites {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final String table;
    private final Clock clock;

    RegistryWrites(String table, Clock clock) {
        this.table = table;
        this.clock = clock;
    }

    /** ISO-8601 in UTC with milliseconds: strings of one length, which sort as the times do. */
    static String stamp(Instant time) {
        return STAMP.format(time);
    }

    /** Makes the model's item, or gives it the manifest's description. */
    Update touchModel(Manifest manifest) {
        ModelId id = manifest.ref().id();
        return Update.builder()
                .tableName(table)
                .key(key(id, "META"))
                .updateExpression("SET entity = :entity, modelId = :id, description = :description, updatedAt = :now,"
                        + " createdAt = if_not_exists(createdAt, :now), tags = if_not_exists(tags, :none)")
                .expressionAttributeValues(Map.of(
                        ":entity", text("MODEL"),
                        ":id", text(id.value()),
                        ":description", text(manifest.description()),
                        ":now", now(),
                        ":none", AttributeValue.fromM(Map.of())))
                .build();
    }

    /** Fails its condition when the version is there already. */
    PutItemRequest putVersion(Manifest manifest) {
        ModelRef ref = manifest.ref();
        Map<String, AttributeValue> item = new HashMap<>(versionKey(ref.id(), ref.version()));
        item.put("entity", text("VERSION"));
        item.put("modelId", text(ref.id().value()));
        item.put("version", number(ref.version().value()));
        item.put("status", text("REGISTERED"));
        item.put("format", text("onnx"));
        item.put("artifactPrefix", text(Manifest.prefix(ref)));
        item.put(
                "files",
                AttributeValue.fromL(
                        manifest.files().stream().map(RegistryWrites::file).toList()));
        manifest.examples().ifPresent(path -> item.put("examples", text(path)));
        item.put("rev", number(1));
        item.put("createdAt", now());
        item.put("updatedAt", now());
        return PutItemRequest.builder()
                .tableName(table)
                .item(item)
                .conditionExpression("attribute_not_exists(pk)")
                .build();
    }

    /** Fails its condition when the version is not there, or archived. */
    UpdateItemRequest verifyVersion(Manifest manifest, ModelSignature signature, @Nullable BatchingVerdict batching) {
        ModelRef ref = manifest.ref();
        Map<String, AttributeValue> values = new HashMap<>(Map.of(
                ":verified", text("VERIFIED"),
                ":archived", text("ARCHIVED"),
                ":inputs", specs(signature.inputs()),
                ":outputs", specs(signature.outputs()),
                ":now", now(),
                ":one", number(1)));
        if (batching != null) {
            values.put(":batching", BatchingItems.of(batching));
        }
        return UpdateItemRequest.builder()
                .tableName(table)
                .key(versionKey(ref.id(), ref.version()))
                .updateExpression("SET #status = :verified, #inputs = :inputs, #outputs = :outputs, updatedAt = :now"
                        + (batching == null ? "" : ", batching = :batching") + " ADD rev :one REMOVE reason")
                .conditionExpression("attribute_exists(pk) AND #status <> :archived")
                .expressionAttributeNames(Map.of("#status", "status", "#inputs", "inputs", "#outputs", "outputs"))
                .expressionAttributeValues(values)
                .build();
    }

    /** All or nothing: the alias is as it was read, the version is VERIFIED, and an audit item says who moved it. */
    List<TransactWriteItem> moveAlias(
            ModelId id, String alias, ModelVersion version, Optional<AliasRecord> before, String who) {
        Map<String, AttributeValue> item = new HashMap<>(aliasKey(id, alias));
        item.put("entity", text("ALIAS"));
        item.put("modelId", text(id.value()));
        item.put("alias", text(alias));
        item.put("version", number(version.value()));
        item.put("updatedBy", text(who));
        item.put("rev", number(before.map(AliasRecord::rev).orElse(0L) + 1));
        item.put("updatedAt", now());
        item.put("createdAt", now());
        before.ifPresent(old -> item.put("previousVersion", number(old.version().value())));
        Map<String, AttributeValue> read =
                before.map(old -> Map.of(":rev", number(old.rev()))).orElse(Map.of());
        return List.of(
                TransactWriteItem.builder()
                        .put(put -> {
                            put.tableName(table).item(item);
                            put.conditionExpression(read.isEmpty() ? "attribute_not_exists(pk)" : "rev = :rev");
                            if (!read.isEmpty()) {
                                put.expressionAttributeValues(read);
                            }
                        })
                        .build(),
                TransactWriteItem.builder()
                        .conditionCheck(check -> check.tableName(table)
                                .key(versionKey(id, version))
                                .conditionExpression("#status = :verified")
                                .expressionAttributeNames(Map.of("#status", "status"))
                                .expressionAttributeValues(Map.of(":verified", text("VERIFIED"))))
                        .build(),
                TransactWriteItem.builder()
                        .put(put -> put.tableName(table).item(audit(id, alias, version, before, who)))
                        .build());
    }

    private Map<String, AttributeValue> audit(
            ModelId id, String alias, ModelVersion version, Optional<AliasRecord> before, String who) {
        AttributeValue now = now();
        Map<String, AttributeValue> item = new HashMap<>(key(id, "AUDIT#" + now.s() + "#" + UUID.randomUUID()));
        item.put("what", text("alias " + alias));
        item.put("who", text(who));
        before.ifPresent(old -> item.put("from", number(old.version().value())));
        item.put("to", number(version.value()));
        item.put("updatedAt", now);
        item.put("createdAt", now);
        return item;
    }

    static Map<String, AttributeValue> aliasKey(ModelId id, String alias) {
        return key(id, "ALIAS#" + alias);
    }

    static Map<String, AttributeValue> versionKey(ModelId id, ModelVersion version) {
        return key(id, "VERSION#%010d".formatted(version.value()));
    }

    static Map<String, AttributeValue> key(ModelId id, String sortKey) {
        return Map.of("pk", text("MODEL#" + id), "sk", text(sortKey));
    }

    static AttributeValue file(ArtifactFile file) {
        Map<String, AttributeValue> entry = new HashMap<>(Map.of(
                "path", text(file.path()), "sha256", text(file.sha256()), "sizeBytes", number(file.sizeBytes())));
        file.s3Version().ifPresent(version -> entry.put("s3VersionId", text(version)));
        return AttributeValue.fromM(entry);
    }

    static AttributeValue specs(List<TensorSpec> specs) {
        return AttributeValue.fromL(specs.stream()
                .map(spec -> AttributeValue.fromM(Map.of(
                        "name", text(spec.name()),
                        "datatype", text(spec.type().name()),
                        "shape",
                                AttributeValue.fromL(Arrays.stream(spec.shape().toArray())
                                        .mapToObj(RegistryWrites::number)
                                        .toList()))))
                .toList());
    }

    private AttributeValue now() {
        return text(stamp(clock.instant()));
    }

    private static AttributeValue text(String value) {
        return AttributeValue.fromS(value);
    }

    private static AttributeValue number(long value) {
        return AttributeValue.fromN(Long.toString(value));
    }
}
