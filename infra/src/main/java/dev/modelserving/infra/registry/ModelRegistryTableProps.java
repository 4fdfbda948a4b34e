package dev.modelserving.infra.registry;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.dynamodb.ITableV2;
import software.amazon.awscdk.services.kms.IKey;

/**
 * What a {@link ModelRegistryTable} is made of.
 *
 * @param table a table that is there, with the keys, index and TTL attribute of a new one; null: a new one
 * @param encryptionKey of the new table, whose stack must then know its region; null: a key of DynamoDB's own
 * @param deletionProtection whether the new table refuses to be deleted
 * @param removalPolicy of the new table when it leaves the stack
 */
@RecordBuilder
public record ModelRegistryTableProps(
        @Nullable ITableV2 table,
        @Nullable IKey encryptionKey,

        @RecordBuilder.Initializer("DEFAULT_DELETION_PROTECTION")
        boolean deletionProtection,

        @RecordBuilder.Initializer("DEFAULT_REMOVAL_POLICY") RemovalPolicy removalPolicy) {
    public static final boolean DEFAULT_DELETION_PROTECTION = true;
    public static final RemovalPolicy DEFAULT_REMOVAL_POLICY = RemovalPolicy.RETAIN;

    public static ModelRegistryTablePropsBuilder builder() {
        return ModelRegistryTablePropsBuilder.builder();
    }
}
