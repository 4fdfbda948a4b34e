package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The table's REPLICA items, which expire by themselves. The client is the caller's to close. */
public final class DynamoDbReplicaRegistry implements ReplicaRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(DynamoDbReplicaRegistry.class);
    private static final String ENTITY = "REPLICA";
    private static final String SORT_KEY = "LOADED";

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final Clock clock;

    public DynamoDbReplicaRegistry(DynamoDbClient dynamoDb, String table, Clock clock) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.clock = clock;
    }

    /** An update and not a put: {@code createdAt} stays, and so does what a newer service may have added. */
    @Override
    public void report(ReplicaReport report) throws RegistryException {
        try {
            dynamoDb.updateItem(update -> update.tableName(table)
                    .key(key(report.taskId()))
                    .updateExpression(
                            "SET entity = :entity, models = :models, executionMode = :mode, address = :address,"
                                    + " expiresAt = :expires, updatedAt = :now, createdAt = if_not_exists(createdAt, :now)")
                    .expressionAttributeValues(Map.of(
                            ":entity", AttributeValue.fromS(ENTITY),
                            ":models", models(report),
                            ":mode", AttributeValue.fromS(report.executionMode()),
                            ":address", AttributeValue.fromS(report.address()),
                            ":expires",
                                    AttributeValue.fromN(
                                            Long.toString(report.expiresAt().getEpochSecond())),
                            ":now", AttributeValue.fromS(RegistryWrites.stamp(clock.instant())))));
        } catch (SdkException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void withdraw(String taskId) throws RegistryException {
        try {
            dynamoDb.deleteItem(delete -> delete.tableName(table).key(key(taskId)));
        } catch (SdkException e) {
            throw unavailable(e);
        }
    }

    @Override
    public List<ReplicaReport> live(Instant now) throws RegistryException {
        List<ReplicaReport> live = new ArrayList<>();
        try {
            for (Map<String, AttributeValue> item : dynamoDb.queryPaginator(query -> query.tableName(table)
                            .indexName(DynamoDbModelRegistry.INDEX)
                            .keyConditionExpression("entity = :entity")
                            .expressionAttributeValues(Map.of(":entity", AttributeValue.fromS(ENTITY))))
                    .items()) {
                try {
                    ReplicaReport report = report(item);
                    if (report.expiresAt().isAfter(now)) {
                        live.add(report);
                    }
                } catch (RuntimeException e) {
                    LOG.warn("ignoring the registry item {}: {}", RegistryItems.keys(item), e.getMessage());
                }
            }
        } catch (SdkException e) {
            throw unavailable(e);
        }
        return live;
    }

    private static Map<String, AttributeValue> key(String taskId) {
        return Map.of(
                "pk", AttributeValue.fromS(ENTITY + "#" + taskId),
                "sk", AttributeValue.fromS(SORT_KEY));
    }

    private static AttributeValue models(ReplicaReport report) {
        Map<String, AttributeValue> models = new HashMap<>();
        report.models().forEach((id, model) -> {
            Map<String, AttributeValue> attributes = new HashMap<>();
            attributes.put("version", AttributeValue.fromN(model.version().toString()));
            attributes.put("target", AttributeValue.fromN(model.target().toString()));
            attributes.put("state", AttributeValue.fromS(model.state()));
            if (!model.reason().isEmpty()) {
                attributes.put("reason", AttributeValue.fromS(model.reason()));
            }
            models.put(id.value(), AttributeValue.fromM(attributes));
        });
        return AttributeValue.fromM(models);
    }

    private static ReplicaReport report(Map<String, AttributeValue> item) {
        Map<ModelId, ReplicaReport.Model> models = new HashMap<>();
        RegistryItems.required(item, "models").m().forEach((id, attributes) -> {
            Map<String, AttributeValue> model = attributes.m();
            ModelVersion version = new ModelVersion(RegistryItems.number(model, "version"));
            models.put(
                    new ModelId(id),
                    new ReplicaReport.Model(
                            version,
                            model.containsKey("target")
                                    ? new ModelVersion(RegistryItems.number(model, "target"))
                                    : version,
                            RegistryItems.text(model, "state"),
                            RegistryItems.optionalText(model, "reason").orElse("")));
        });
        return new ReplicaReport(
                RegistryItems.text(item, "pk").substring(ENTITY.length() + 1),
                models,
                RegistryItems.optionalText(item, "executionMode").orElse(""),
                RegistryItems.optionalText(item, "address").orElse(""),
                Instant.ofEpochSecond(RegistryItems.number(item, "expiresAt")));
    }

    private RegistryException unavailable(SdkException e) {
        return RegistryException.unavailable("table " + table + ": " + e.getMessage(), e);
    }
}
