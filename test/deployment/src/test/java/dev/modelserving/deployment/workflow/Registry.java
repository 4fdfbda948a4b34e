package dev.modelserving.deployment.workflow;

import dev.modelserving.model.ModelRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The registry's items as they stand in the table. */
final class Registry {
    static final String TABLE = "model-registry";

    private final DynamoDbClient dynamoDb;

    Registry(DynamoDbClient dynamoDb) {
        this.dynamoDb = dynamoDb;
    }

    /** The item's strings and numbers as text, and maps in the same way with their names before them. */
    static Map<String, String> flat(Map<String, AttributeValue> item) {
        Map<String, String> flat = new HashMap<>();
        item.forEach((name, value) -> {
            if (value.hasM()) {
                flat(value.m()).forEach((inner, text) -> flat.put(name + "." + inner, text));
            } else if (value.s() != null || value.n() != null) {
                flat.put(name, value.s() == null ? value.n() : value.s());
            }
        });
        return flat;
    }

    void createTable() {
        dynamoDb.createTable(create -> create.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(text("pk"), text("sk"), text("entity"), text("updatedAt"))
                .keySchema(key("pk", KeyType.HASH), key("sk", KeyType.RANGE))
                .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                        .indexName("byEntity")
                        .keySchema(key("entity", KeyType.HASH), key("updatedAt", KeyType.RANGE))
                        .projection(projection -> projection.projectionType(ProjectionType.ALL))
                        .build()));
    }

    /** Empty when there is none. */
    Optional<Map<String, String>> champion(String modelId) {
        return get("MODEL#" + modelId, "ALIAS#champion");
    }

    Map<String, String> version(ModelRef ref) {
        return get("MODEL#" + ref.id(), "VERSION#%010d".formatted(ref.version().value()))
                .orElse(Map.of());
    }

    void deleteVersion(ModelRef ref) {
        dynamoDb.deleteItem(delete -> delete.tableName(TABLE)
                .key(keyOf(
                        "MODEL#" + ref.id(),
                        "VERSION#%010d".formatted(ref.version().value()))));
    }

    /** Empty when the execution has left none. */
    Optional<Map<String, String>> verdict(String executionArn, ModelRef ref) {
        return get(
                "EXECUTION#" + executionArn,
                "VERDICT#%s#%010d".formatted(ref.id(), ref.version().value()));
    }

    /** What was written down of the model, in the order of time. */
    List<Map<String, String>> audit(String modelId) {
        return dynamoDb
                .queryPaginator(query -> query.tableName(TABLE)
                        .consistentRead(true)
                        .keyConditionExpression("pk = :pk AND begins_with(sk, :audit)")
                        .expressionAttributeValues(Map.of(
                                ":pk", AttributeValue.fromS("MODEL#" + modelId),
                                ":audit", AttributeValue.fromS("AUDIT#"))))
                .items()
                .stream()
                .map(Registry::flat)
                .toList();
    }

    private Optional<Map<String, String>> get(String pk, String sk) {
        Map<String, AttributeValue> item = dynamoDb.getItem(
                        get -> get.tableName(TABLE).key(keyOf(pk, sk)).consistentRead(true))
                .item();
        return item.isEmpty() ? Optional.empty() : Optional.of(flat(item));
    }

    private static Map<String, AttributeValue> keyOf(String pk, String sk) {
        return Map.of("pk", AttributeValue.fromS(pk), "sk", AttributeValue.fromS(sk));
    }

    private static AttributeDefinition text(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }
}
