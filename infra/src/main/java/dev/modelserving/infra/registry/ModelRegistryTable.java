package dev.modelserving.infra.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.Billing;
import software.amazon.awscdk.services.dynamodb.GlobalSecondaryIndexPropsV2;
import software.amazon.awscdk.services.dynamodb.ITableV2;
import software.amazon.awscdk.services.dynamodb.PointInTimeRecoverySpecification;
import software.amazon.awscdk.services.dynamodb.TableEncryptionV2;
import software.amazon.awscdk.services.dynamodb.TableV2;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.kms.IKey;
import software.constructs.Construct;

/**
 * The registry of models: one DynamoDB table with keys {@code pk} and {@code sk}, the index {@code byEntity} and the TTL
 * attribute {@code expiresAt}, paid by request, with point-in-time recovery.
 *
 * <p>Who may write what follows from the partition key: {@code MODEL#} items are models, versions, aliases and their
 * audit trail, {@code EXECUTION#} items verdicts, {@code REPLICA#} items reports of running replicas.
 */
public final class ModelRegistryTable extends Construct {
    /** The index that the registry is polled by. */
    public static final String BY_ENTITY = "byEntity";

    private final ITableV2 table;

    public ModelRegistryTable(Construct scope, String id, ModelRegistryTableProps props) {
        super(scope, id);
        this.table = props.table() == null ? newTable(props) : props.table();
    }

    public ITableV2 table() {
        return table;
    }

    /** To read models, versions, aliases, verdicts and reports of replicas; never the whole table at once. */
    public Grant grantRead(IGrantable grantee) {
        return grant(grantee, List.of(), "dynamodb:GetItem").combine(grantPoll(grantee));
    }

    /** To query the index that the registry is polled by. */
    public Grant grantPoll(IGrantable grantee) {
        return withKey(
                Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                        .grantee(grantee)
                        .actions(List.of("dynamodb:Query"))
                        .resourceArns(List.of(index()))
                        .build()),
                grantee);
    }

    /** To report what a replica serves, and to take that back; no other item can be written with it. */
    public Grant grantReport(IGrantable grantee) {
        return withKey(grant(grantee, List.of("REPLICA#*"), "dynamodb:UpdateItem", "dynamodb:DeleteItem"), grantee);
    }

    /**
     * To verify versions, beside {@link #grantRead}: what points to a version is looked up; verdicts are written, and
     * versions, models and the audit trail with them. Aliases have the same partition keys, and IAM looks no further; so
     * no running replica has this.
     */
    public Grant grantVerify(IGrantable grantee) {
        return withKey(
                grant(grantee, List.of("MODEL#*"), "dynamodb:Query")
                        .combine(grant(
                                grantee, List.of("MODEL#*", "EXECUTION#*"), "dynamodb:PutItem", "dynamodb:UpdateItem")),
                grantee);
    }

    /**
     * To do what a workflow does with items of models and executions (models, versions, aliases, the audit trail, verdicts),
     * by these actions only; reports of replicas it cannot touch.
     *
     * @param actions of IAM, such as {@code dynamodb:PutItem}
     */
    public Grant grantOrchestrate(IGrantable grantee, Collection<String> actions) {
        return withKey(grant(grantee, List.of("MODEL#*", "EXECUTION#*"), actions.toArray(String[]::new)), grantee);
    }

    /** Reads a minute that the table or its index had to refuse because they were too many. */
    public MathExpression metricReadThrottles() {
        return tableAndIndex("ReadThrottleEvents", "readsRefused");
    }

    /** Writes a minute that the table or its index had to refuse because they were too many. */
    public MathExpression metricWriteThrottles() {
        return tableAndIndex("WriteThrottleEvents", "writesRefused");
    }

    /** Read units a minute that the table and its index took. */
    public MathExpression metricConsumedReads() {
        return tableAndIndex("ConsumedReadCapacityUnits", "readUnits");
    }

    /** Write units a minute that the table and its index took. */
    public MathExpression metricConsumedWrites() {
        return tableAndIndex("ConsumedWriteCapacityUnits", "writeUnits");
    }

    private TableV2 newTable(ModelRegistryTableProps props) {
        return TableV2.Builder.create(this, "Table")
                .partitionKey(text("pk"))
                .sortKey(text("sk"))
                .globalSecondaryIndexes(List.of(GlobalSecondaryIndexPropsV2.builder()
                        .indexName(BY_ENTITY)
                        .partitionKey(text("entity"))
                        .sortKey(text("updatedAt"))
                        .build()))
                .timeToLiveAttribute("expiresAt")
                .billing(Billing.onDemand())
                .pointInTimeRecoverySpecification(PointInTimeRecoverySpecification.builder()
                        .pointInTimeRecoveryEnabled(true)
                        .build())
                .encryption(
                        props.encryptionKey() == null
                                ? TableEncryptionV2.dynamoOwnedKey()
                                : TableEncryptionV2.customerManagedKey(props.encryptionKey()))
                .deletionProtection(props.deletionProtection())
                .removalPolicy(props.removalPolicy())
                .build();
    }

    private Grant grant(IGrantable grantee, List<String> leadingKeys, String... actions) {
        GrantOnPrincipalOptions.Builder options = GrantOnPrincipalOptions.builder()
                .grantee(grantee)
                .actions(List.of(actions))
                .resourceArns(List.of(table.getTableArn()));
        if (!leadingKeys.isEmpty()) {
            options.conditions(Map.of("ForAllValues:StringLike", Map.of("dynamodb:LeadingKeys", leadingKeys)));
        }
        return Grant.addToPrincipal(options.build());
    }

    private Grant withKey(Grant grant, IGrantable grantee) {
        IKey key = table.getEncryptionKey();
        return key == null ? grant : grant.combine(key.grant(grantee, "kms:Decrypt"));
    }

    private String index() {
        return table.getTableArn() + "/index/" + BY_ENTITY;
    }

    /** DynamoDB counts the index by itself, and throttles only when there are any: what is missing is 0. */
    private MathExpression tableAndIndex(String name, String id) {
        return MathExpression.Builder.create()
                .expression("60 * (FILL(%1$s, 0) + FILL(%1$sOfIndex, 0)) / PERIOD(%1$s)".formatted(id))
                .usingMetrics(new TreeMap<>(Map.of(
                        id,
                        metric(name, Map.of("TableName", table.getTableName())),
                        id + "OfIndex",
                        metric(
                                name,
                                Map.of("TableName", table.getTableName(), "GlobalSecondaryIndexName", BY_ENTITY)))))
                .period(Duration.minutes(1))
                .label(name)
                .build();
    }

    private static Metric metric(String name, Map<String, String> dimensions) {
        return Metric.Builder.create()
                .namespace("AWS/DynamoDB")
                .metricName(name)
                .dimensionsMap(dimensions)
                .statistic("Sum")
                .period(Duration.minutes(1))
                .build();
    }

    private static Attribute text(String name) {
        return Attribute.builder().name(name).type(AttributeType.STRING).build();
    }
}
