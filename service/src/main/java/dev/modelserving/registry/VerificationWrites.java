package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/** The items of a verdict, and of the change that it makes. */
final class VerificationWrites {
    private static final String WHO = "verification";

    private final String table;
    private final Clock clock;
    private final RegistryWrites registry;

    VerificationWrites(String table, Clock clock) {
        this.table = table;
        this.clock = clock;
        this.registry = new RegistryWrites(table, clock);
    }

    Map<String, AttributeValue> verdict(Verdict verdict) {
        ModelRef ref = verdict.ref();
        Verdict.Measured measured = verdict.measured();
        Map<String, AttributeValue> item = new HashMap<>();
        item.put("pk", text("EXECUTION#" + verdict.run().id()));
        item.put("sk", text("VERDICT#%s#%010d".formatted(ref.id(), ref.version().value())));
        item.put("modelId", text(ref.id().value()));
        item.put("version", number(ref.version().value()));
        item.put("outcome", text(verdict.outcome().name()));
        item.put("code", text(verdict.code().name()));
        item.put("message", text(verdict.message()));
        item.put("examplesPassed", number(measured.examplesPassed()));
        item.put("examplesFailed", number(measured.examplesFailed()));
        item.put("loadMillis", number(measured.loadMillis()));
        item.put("memoryBytes", number(measured.memoryBytes()));
        item.put("latencyMicrosP50", number(measured.latencyMicrosP50()));
        item.put("latencyMicrosP99", number(measured.latencyMicrosP99()));
        item.put("serviceVersion", text(verdict.serviceVersion()));
        BatchingVerdict batching = verdict.batching();
        if (batching != null) {
            item.put(BatchingItems.ATTRIBUTE, BatchingItems.of(batching));
        }
        if (!verdict.run().startTime().isEmpty()) {
            item.put("executionStartTime", text(verdict.run().startTime()));
        }
        item.put("createdAt", now());
        item.put("updatedAt", now());
        return item;
    }

    /** All or nothing: the version is as it was read and changes, the verdict, the audit, the model of a good version. */
    List<TransactWriteItem> change(Verdict verdict, Candidate read, VersionChange change) {
        List<TransactWriteItem> items = new ArrayList<>();
        items.add(write(version(read, change)));
        items.add(write(put(verdict(verdict))));
        if (read.status() != change.status()) {
            items.add(write(put(audit(verdict, read, change))));
        }
        change.filledIn().ifPresent(found -> items.add(write(registry.touchModel(found.manifest()))));
        return items;
    }

    private Update version(Candidate read, VersionChange change) {
        Map<String, AttributeValue> values = new HashMap<>();
        values.put("status", text(change.status().name()));
        values.put("rev", number(read.rev() + 1));
        values.put("updatedAt", now());
        change.filledIn().ifPresent(found -> values.putAll(filledIn(found)));
        String manifestVersionId = read.manifestVersionId();
        if (manifestVersionId != null && change.filledIn().isPresent()) {
            values.put("manifestVersionId", text(manifestVersionId));
        }
        if (!change.reason().isEmpty()) {
            values.put("reason", text(change.reason()));
        }
        StringBuilder set = new StringBuilder("SET entity = :entity, artifactPrefix = :prefix,"
                + " #format = if_not_exists(#format, :format), createdAt = if_not_exists(createdAt, :updatedAt)");
        Map<String, String> names = new HashMap<>(Map.of("#format", "format"));
        Map<String, AttributeValue> expression = new HashMap<>(Map.of(
                ":entity", text("VERSION"),
                ":prefix", text(read.artifactPrefix()),
                ":format", text("onnx"),
                ":read", number(read.rev())));
        values.forEach((name, value) -> {
            set.append(", #").append(name).append(" = :").append(name);
            names.put("#" + name, name);
            expression.put(":" + name, value);
        });
        if (change.reason().isEmpty()) {
            set.append(" REMOVE reason");
        }
        return Update.builder()
                .tableName(table)
                .key(RegistryWrites.versionKey(read.ref().id(), read.ref().version()))
                .updateExpression(set.toString())
                .conditionExpression("attribute_exists(pk) AND "
                        + (read.rev() == 0 ? "(attribute_not_exists(#rev) OR #rev = :read)" : "#rev = :read"))
                .expressionAttributeNames(names)
                .expressionAttributeValues(expression)
                .build();
    }

    private static Map<String, AttributeValue> filledIn(VersionChange.Found found) {
        Manifest manifest = found.manifest();
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(
                "files",
                AttributeValue.fromL(
                        manifest.files().stream().map(RegistryWrites::file).toList()));
        manifest.examples().ifPresent(path -> values.put("examples", text(path)));
        manifest.details().maxBatchSize().ifPresent(size -> values.put("maxBatchSize", number(size)));
        values.put("metrics", JsonAttributes.of(manifest.details().metrics()));
        values.put("lineage", JsonAttributes.of(manifest.details().lineage()));
        values.put("inputs", RegistryWrites.specs(found.signature().inputs()));
        values.put("outputs", RegistryWrites.specs(found.signature().outputs()));
        values.put(BatchingItems.ATTRIBUTE, BatchingItems.of(found.batching()));
        return values;
    }

    private Map<String, AttributeValue> audit(Verdict verdict, Candidate read, VersionChange change) {
        AttributeValue now = now();
        Map<String, AttributeValue> item =
                new HashMap<>(RegistryWrites.key(read.ref().id(), "AUDIT#" + now.s() + "#" + UUID.randomUUID()));
        item.put("what", text("status of version " + read.ref().version()));
        item.put("who", text(WHO + " " + verdict.run().id()));
        item.put("from", text(read.status().name()));
        item.put("to", text(change.status().name()));
        item.put("updatedAt", now);
        item.put("createdAt", now);
        return item;
    }

    private Put put(Map<String, AttributeValue> item) {
        return Put.builder().tableName(table).item(item).build();
    }

    private static TransactWriteItem write(Put put) {
        return TransactWriteItem.builder().put(put).build();
    }

    private static TransactWriteItem write(Update update) {
        return TransactWriteItem.builder().update(update).build();
    }

    private AttributeValue now() {
        return text(RegistryWrites.stamp(clock.instant()));
    }

    private static AttributeValue text(String value) {
        return AttributeValue.fromS(value);
    }

    private static AttributeValue number(long value) {
        return AttributeValue.fromN(Long.toString(value));
    }
}
