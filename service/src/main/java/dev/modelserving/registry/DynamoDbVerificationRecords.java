package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/** In the registry's table. The client is the caller's to close. */
public final class DynamoDbVerificationRecords implements VerificationRecords {
    private static final Logger LOG = LoggerFactory.getLogger(DynamoDbVerificationRecords.class);

    /** Why a transaction is cancelled that is worth another reading. */
    private static final Set<String> OVERTAKEN = Set.of("ConditionalCheckFailed", "TransactionConflict");

    private static final String REFUSED = "ValidationError";

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final VerificationWrites writes;

    public DynamoDbVerificationRecords(DynamoDbClient dynamoDb, String table, Clock clock) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.writes = new VerificationWrites(table, clock);
    }

    /** The index only hints at where an alias points, so each champion's version is read from the table. */
    @Override
    public List<ModelRef> champions() throws RegistryException {
        List<ModelRef> champions = new ArrayList<>();
        try {
            for (Map<String, AttributeValue> hint : dynamoDb.queryPaginator(query -> query.tableName(table)
                            .indexName(DynamoDbModelRegistry.INDEX)
                            .keyConditionExpression("entity = :alias")
                            .expressionAttributeValues(Map.of(":alias", AttributeValue.fromS("ALIAS"))))
                    .items()) {
                champion(hint).ifPresent(champions::add);
            }
        } catch (SdkException e) {
            throw RegistryFaults.ofReading(table, e);
        }
        champions.sort(null);
        return champions;
    }

    private Optional<ModelRef> champion(Map<String, AttributeValue> hint) {
        try {
            AliasRecord hinted = RegistryItems.alias(hint);
            if (!hinted.alias().equals(AliasRecord.CHAMPION)) {
                return Optional.empty();
            }
            Map<String, AttributeValue> item = get(RegistryWrites.aliasKey(hinted.id(), hinted.alias()));
            return item.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new ModelRef(hinted.id(), RegistryItems.alias(item).version()));
        } catch (IllegalArgumentException e) {
            LOG.warn("ignoring the registry item {}: {}", RegistryItems.keys(hint), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<Candidate> candidate(ModelRef ref) throws RegistryException {
        try {
            Map<String, AttributeValue> item = get(RegistryWrites.versionKey(ref.id(), ref.version()));
            return item.isEmpty()
                    ? Optional.empty()
                    : Optional.of(RegistryItems.candidate(ref, item, isPointedTo(ref)));
        } catch (IllegalArgumentException e) {
            throw RegistryException.refused("the item of " + ref + " is not valid: " + e.getMessage(), e);
        } catch (SdkException e) {
            throw RegistryFaults.ofReading(table, e);
        }
    }

    private Map<String, AttributeValue> get(Map<String, AttributeValue> key) {
        return dynamoDb.getItem(get -> get.tableName(table).key(key).consistentRead(true))
                .item();
    }

    private boolean isPointedTo(ModelRef ref) {
        return dynamoDb
                .queryPaginator(query -> query.tableName(table)
                        .consistentRead(true)
                        .keyConditionExpression("pk = :model AND begins_with(sk, :alias)")
                        .expressionAttributeValues(Map.of(
                                ":model", RegistryWrites.key(ref.id(), "").get("pk"),
                                ":alias", AttributeValue.fromS("ALIAS#"))))
                .items()
                .stream()
                .map(RegistryItems::alias)
                .anyMatch(alias -> alias.version().equals(ref.version()));
    }

    @Override
    public void write(Verdict verdict) throws RegistryException {
        try {
            dynamoDb.putItem(put -> put.tableName(table).item(writes.verdict(verdict)));
        } catch (SdkException e) {
            throw RegistryFaults.ofWriting(table, e);
        }
    }

    @Override
    public void write(Verdict verdict, Candidate read, VersionChange change) throws RegistryException {
        ModelId id = read.ref().id();
        try {
            dynamoDb.transactWriteItems(transaction -> transaction.transactItems(writes.change(verdict, read, change)));
        } catch (TransactionCanceledException e) {
            if (has(e, Set.of(REFUSED))) {
                throw RegistryException.refused("the verdict on " + id + " was refused: " + e.getMessage(), e);
            }
            if (has(e, OVERTAKEN)) {
                throw RegistryException.overtaken(read.ref() + " was changed by another writer", e);
            }
            throw RegistryFaults.ofWriting(table, e);
        } catch (SdkException e) {
            throw RegistryFaults.ofWriting(table, e);
        }
    }

    private static boolean has(TransactionCanceledException e, Set<String> codes) {
        return e.cancellationReasons().stream().anyMatch(reason -> codes.contains(String.valueOf(reason.code())));
    }
}
