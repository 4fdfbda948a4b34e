package dev.modelserving.infra.lake;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.s3.IBucket;

/**
 * What a {@link DataLake} is made of.
 *
 * @param artifactsBucket a bucket that is there, with models under {@code models/}; null: a new one. One that is brought
 *     along has to keep versions and to send its events to EventBridge
 * @param goldBucket a bucket that is there, for what was predicted; null: a new one
 * @param accessLogsBucket where the new buckets' access logs go; null: a new one, if there is a new bucket
 * @param encryptionKey of the new buckets; null: keys of S3's own (SSE-S3)
 * @param removalPolicy of the new buckets when they leave the stack; a bucket that holds something is never deleted
 * @param predictionsExpireAfter how long predictions are kept; null: for ever
 * @param accessLogsExpireAfter how long access logs are kept
 */
@RecordBuilder
public record DataLakeProps(
        @Nullable IBucket artifactsBucket,
        @Nullable IBucket goldBucket,
        @Nullable IBucket accessLogsBucket,
        @Nullable IKey encryptionKey,
        @RecordBuilder.Initializer("DEFAULT_REMOVAL_POLICY") RemovalPolicy removalPolicy,
        @Nullable Duration predictionsExpireAfter,

        @RecordBuilder.Initializer("DEFAULT_ACCESS_LOGS_EXPIRE_AFTER")
        Duration accessLogsExpireAfter) {
    public static final RemovalPolicy DEFAULT_REMOVAL_POLICY = RemovalPolicy.RETAIN;
    public static final Duration DEFAULT_ACCESS_LOGS_EXPIRE_AFTER = Duration.days(90);

    public static DataLakePropsBuilder builder() {
        return DataLakePropsBuilder.builder();
    }
}
