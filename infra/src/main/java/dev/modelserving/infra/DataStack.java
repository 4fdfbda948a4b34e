package dev.modelserving.infra;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.lake.DataLakeProps;
import dev.modelserving.infra.lake.DataLakePropsBuilder;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.registry.ModelRegistryTableProps;
import dev.modelserving.infra.registry.ModelRegistryTablePropsBuilder;
import dev.modelserving.infra.settings.StageSettings;
import dev.modelserving.infra.settings.StageSettings.Encryption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnWaitConditionHandle;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.dynamodb.TableAttributesV2;
import software.amazon.awscdk.services.dynamodb.TableV2;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketAttributes;
import software.amazon.awscdk.services.s3.IBucket;
import software.constructs.Construct;

/** What outlives deployments: models, predictions, the registry, and the key that encrypts them. */
final class DataStack extends Stack {
    private final RemovalPolicy removalPolicy;
    private final @Nullable IKey key;
    private final DataLake lake;
    private final ModelRegistryTable registry;

    DataStack(Construct scope, String id, StackProps props, StageSettings settings) {
        super(scope, id, props);
        StageSettings.Data data = settings.data();
        this.removalPolicy = data.keep() ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
        this.key = data.encryption() == Encryption.AWS_OWNED ? null : key(data);
        this.lake = new DataLake(this, "Lake", lake(data));
        this.registry = new ModelRegistryTable(this, "Registry", registry(data));
        if (data.artifactsBucket() != null && data.goldBucket() != null && data.registryTable() != null) {
            // Nothing is new, but the outputs are still wanted, and CloudFormation takes no template without a
            // resource.
            CfnWaitConditionHandle.Builder.create(this, "Nothing").build();
        }
        output("ArtifactsBucket", lake.artifacts().getBucketName(), "Models are written here, under models/");
        output("GoldBucket", lake.gold().getBucketName(), "Predictions are written here, under predictions/");
        output(
                "RegistryTable",
                registry.table().getTableName(),
                "Which models there are, and which version is champion");
    }

    /** The stage's own key, for logs and topics too; empty when AWS holds the keys. */
    Optional<IKey> key() {
        return Optional.ofNullable(key);
    }

    /** Of everything in the stage that holds what happened: data, and logs too. */
    RemovalPolicy removalPolicy() {
        return removalPolicy;
    }

    DataLake lake() {
        return lake;
    }

    ModelRegistryTable registry() {
        return registry;
    }

    private IKey key(StageSettings.Data data) {
        if (data.keyArn() != null) {
            return Key.fromKeyArn(this, "Key", data.keyArn());
        }
        Key made = Key.Builder.create(this, "Key")
                .description("Model serving: data, logs and alarms of the stage")
                .enableKeyRotation(true)
                .removalPolicy(removalPolicy)
                .build();
        made.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("LogGroupsOfThisAccount")
                .principals(List.of(new ServicePrincipal("logs." + getRegion() + ".amazonaws.com")))
                .actions(List.of(
                        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"))
                .resources(List.of("*"))
                .conditions(Map.of(
                        "ArnLike",
                        Map.of(
                                "kms:EncryptionContext:aws:logs:arn",
                                "arn:%s:logs:%s:%s:log-group:*".formatted(getPartition(), getRegion(), getAccount()))))
                .build());
        made.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("AlarmsOfThisAccount")
                .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey*"))
                .resources(List.of("*"))
                .conditions(Map.of("StringEquals", Map.of("aws:SourceAccount", getAccount())))
                .build());
        // EventBridge is let in by the rules whose target is a topic with this key.
        return made;
    }

    private DataLakeProps lake(StageSettings.Data data) {
        DataLakePropsBuilder props = DataLakeProps.builder()
                .artifactsBucket(existing("Artifacts", data.artifactsBucket()))
                .goldBucket(existing("Gold", data.goldBucket()))
                .encryptionKey(key)
                .removalPolicy(removalPolicy);
        if (data.predictionsExpireAfter() != null) {
            props.predictionsExpireAfter(
                    Duration.days(data.predictionsExpireAfter().toDays()));
        }
        return props.build();
    }

    private @Nullable IBucket existing(String id, @Nullable String name) {
        return name == null
                ? null
                : Bucket.fromBucketAttributes(
                        this,
                        id,
                        BucketAttributes.builder()
                                .bucketName(name)
                                .encryptionKey(key)
                                .build());
    }

    private ModelRegistryTableProps registry(StageSettings.Data data) {
        ModelRegistryTablePropsBuilder props = ModelRegistryTableProps.builder()
                .encryptionKey(key)
                .deletionProtection(data.keep())
                .removalPolicy(removalPolicy);
        if (data.registryTable() != null) {
            props.table(TableV2.fromTableAttributes(
                    this,
                    "Table",
                    TableAttributesV2.builder()
                            .tableName(data.registryTable())
                            .encryptionKey(key)
                            .globalIndexes(List.of(ModelRegistryTable.BY_ENTITY))
                            .build()));
        }
        return props.build();
    }

    private void output(String id, String value, String description) {
        CfnOutput.Builder.create(this, id).value(value).description(description).build();
    }
}
