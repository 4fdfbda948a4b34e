package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.Update;

/**
 * A DynamoDB table. Reads go to the index {@code byEntity}, which follows the table within moments; writes are
 * conditional, so that two writers never undo each other. The client is the caller's to close.
 */
public final class DynamoDbModelRegistry implements ModelRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(DynamoDbModelRegistry.class);
    private static final List<String> ENTITIES = List.of("MODEL", "VERSION", "ALIAS");
    static final String INDEX = "byEntity";
    private static final int ATTEMPTS = 10;

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final RegistryWrites writes;

    public DynamoDbModelRegistry(DynamoDbClient dynamoDb, String table, Clock clock) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.writes = new RegistryWrites(table, clock);
    }

    @Override
    public Reading changedSince(Instant since) throws RegistryException {
        List<RegistryRecord> records = new ArrayList<>();
        Instant latest = Instant.EPOCH;
        try {
            for (String entity : ENTITIES) {
                for (QueryResponse page :
                        dynamoDb.queryPaginator(query(entity, entity.equals("ALIAS") ? Instant.EPOCH : since))) {
                    requireCapacity(page.consumedCapacity());
                    for (Map<String, AttributeValue> item : page.items()) {
                        try {
                            records.add(RegistryItems.record(item));
                            Instant changed = Instant.parse(RegistryItems.text(item, "updatedAt"));
                            latest = changed.isAfter(latest) ? changed : latest;
                        } catch (RuntimeException e) {
                            LOG.warn("ignoring the registry item {}: {}", RegistryItems.keys(item), e.getMessage());
                        }
                    }
                }
            }
        } catch (SdkException e) {
            throw unavailable(e);
        }
        return new Reading(records, latest);
    }

    private QueryRequest query(String entity, Instant since) {
        return QueryRequest.builder()
                .tableName(table)
                .indexName(INDEX)
                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                .keyConditionExpression("entity = :entity AND updatedAt >= :since")
                .expressionAttributeValues(Map.of(
                        ":entity",
                        AttributeValue.fromS(entity),
                        ":since",
                        AttributeValue.fromS(RegistryWrites.stamp(since))))
                .build();
    }

    @Override
    public Optional<AliasRecord> alias(ModelId id, String alias) throws RegistryException {
        try {
            GetItemResponse answer = dynamoDb.getItem(get -> get.tableName(table)
                    .key(RegistryWrites.aliasKey(id, alias))
                    .consistentRead(true)
                    .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL));
            requireCapacity(answer.consumedCapacity());
            Map<String, AttributeValue> item = answer.item();
            return item.isEmpty() ? Optional.empty() : Optional.of(RegistryItems.alias(item));
        } catch (IllegalArgumentException e) {
            throw RegistryException.refused("alias " + alias + " of " + id + ": " + e.getMessage(), e);
        } catch (SdkException e) {
            throw unavailable(e);
        }
    }

    @Override
    public boolean register(Manifest manifest) throws RegistryException {
        try {
            Update model = writes.touchModel(manifest);
            dynamoDb.updateItem(update -> update.tableName(model.tableName())
                    .key(model.key())
                    .updateExpression(model.updateExpression())
                    .expressionAttributeValues(model.expressionAttributeValues()));
            dynamoDb.putItem(writes.putVersion(manifest));
            return true;
        } catch (ConditionalCheckFailedException e) {
            return false;
        } catch (SdkException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void recordVerified(Manifest manifest, ModelSignature signature, @Nullable BatchingVerdict batching)
            throws RegistryException {
        try {
            dynamoDb.updateItem(writes.verifyVersion(manifest, signature, batching));
        } catch (ConditionalCheckFailedException e) {
            throw RegistryException.refused(manifest.ref() + " is not registered, or archived", e);
        } catch (SdkException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void moveAlias(ModelId id, String alias, ModelVersion version, String who) throws RegistryException {
        for (int attempt = 1; ; attempt++) {
            Optional<AliasRecord> before = alias(id, alias);
            if (before.isPresent() && before.get().version().equals(version)) {
                return;
            }
            List<TransactWriteItem> items = writes.moveAlias(id, alias, version, before, who);
            try {
                dynamoDb.transactWriteItems(transaction -> transaction.transactItems(items));
                return;
            } catch (TransactionCanceledException e) {
                if (hasReason(e, "ConditionalCheckFailed")) {
                    throw RegistryException.refused(
                            "version " + version + " of " + id + " is not VERIFIED, or " + alias
                                    + " was moved meanwhile",
                            e);
                }
                if (!hasReason(e, "TransactionConflict") || attempt == ATTEMPTS) {
                    throw unavailable(e);
                }
            } catch (SdkException e) {
                throw unavailable(e);
            }
        }
    }

    private static boolean hasReason(TransactionCanceledException e, String code) {
        return e.cancellationReasons().stream().anyMatch(reason -> code.equals(reason.code()));
    }

    /** An empty answer of whatever stands between would else read as a registry from which everything was deleted. */
    private static void requireCapacity(@Nullable ConsumedCapacity consumed) {
        if (consumed == null) {
            throw SdkClientException.create("the answer does not tell its capacity, so it is not DynamoDB's");
        }
    }

    private RegistryException unavailable(SdkException e) {
        return RegistryFaults.of(table, e);
    }
}
