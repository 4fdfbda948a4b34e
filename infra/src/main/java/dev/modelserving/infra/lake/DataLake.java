package dev.modelserving.infra.lake;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.BucketProps;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.IBucket;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.amazon.awscdk.services.s3.ObjectOwnership;
import software.constructs.Construct;

/**
 * The two buckets of the stage: <i>artifacts</i>, where a workflow writes models under {@code models/}, and <i>gold</i>,
 * where the service writes what was predicted under {@code predictions/}.
 *
 * <p>New buckets keep versions, are encrypted, take TLS 1.2 and newer only, know no ACLs and nobody from outside, abort
 * uploads that were not finished within a week, and log every access. The artifacts bucket sends its events to
 * EventBridge. Nothing in it expires, not even versions that were overwritten: the registry names files by their S3
 * version, and a model that is served may be such a version.
 */
public final class DataLake extends Construct {
    private static final String MODELS = "models/*";
    private static final String PREDICTIONS = "predictions/*";
    private static final Duration A_WEEK = Duration.days(7);

    private final DataLakeProps props;
    private final IBucket artifacts;
    private final IBucket gold;

    public DataLake(Construct scope, String id, DataLakeProps props) {
        super(scope, id);
        this.props = props;
        // Without this flag, which the app around may not have, CDK wants ACLs for access logs.
        getNode().setContext("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", true);
        boolean anyNew = props.artifactsBucket() == null || props.goldBucket() == null;
        IBucket logs = props.accessLogsBucket() == null && anyNew ? accessLogs() : props.accessLogsBucket();
        this.artifacts = props.artifactsBucket() == null ? newArtifacts(logs) : props.artifactsBucket();
        this.gold = props.goldBucket() == null ? newGold(logs) : props.goldBucket();
    }

    /** Where models are. */
    public IBucket artifacts() {
        return artifacts;
    }

    /** Where predictions go. */
    public IBucket gold() {
        return gold;
    }

    /**
     * To read models: the objects under {@code models/} in each of their versions, and whether one is missing (without
     * {@code s3:ListBucket}, whose prefix such a request does not have, S3 calls a missing object a forbidden one).
     */
    public Grant grantReadModels(IGrantable grantee) {
        Grant grant = Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                        .grantee(grantee)
                        .actions(List.of("s3:GetObject", "s3:GetObjectVersion"))
                        .resourceArns(List.of(artifacts.arnForObjects(MODELS)))
                        .build())
                .combine(Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                        .grantee(grantee)
                        .actions(List.of("s3:ListBucket"))
                        .resourceArns(List.of(artifacts.getBucketArn()))
                        .conditions(Map.of("StringLikeIfExists", Map.of("s3:prefix", MODELS)))
                        .build()));
        return withKey(grant, artifacts.getEncryptionKey(), grantee, "kms:Decrypt");
    }

    /** To write models under {@code models/}; for the workflow that trains them. */
    public Grant grantWriteModels(IGrantable grantee) {
        Grant grant = put(grantee, artifacts.arnForObjects(MODELS));
        return withKey(grant, artifacts.getEncryptionKey(), grantee, "kms:GenerateDataKey", "kms:Decrypt");
    }

    /** To write predictions under {@code predictions/}; not to read them. */
    public Grant grantWritePredictions(IGrantable grantee) {
        Grant grant = put(grantee, gold.arnForObjects(PREDICTIONS));
        return withKey(grant, gold.getEncryptionKey(), grantee, "kms:GenerateDataKey");
    }

    /** Bytes in the artifacts bucket, once a day. */
    public Metric metricArtifactsBytes() {
        return bytes(artifacts);
    }

    /** Bytes in the gold bucket, once a day. */
    public Metric metricGoldBytes() {
        return bytes(gold);
    }

    private IBucket accessLogs() {
        // S3 delivers access logs to buckets with keys of its own only.
        Bucket bucket = new Bucket(
                this,
                "AccessLogs",
                safe(null)
                        .lifecycleRules(List.of(LifecycleRule.builder()
                                .id("expire")
                                .expiration(props.accessLogsExpireAfter())
                                .noncurrentVersionExpiration(A_WEEK)
                                .abortIncompleteMultipartUploadAfter(A_WEEK)
                                .build()))
                        .build());
        Findings.acknowledge(
                bucket,
                "S3 delivers access logs only to a bucket that is encrypted with keys of S3's own.",
                "NIST.800.53.R5-S3DefaultEncryptionKMS");
        Findings.acknowledge(
                bucket,
                "It holds the access logs of the other buckets: logging its own would log every delivery, without end.",
                "CKV_AWS_18");
        Findings.acknowledge(
                bucket,
                "Access logs are kept for a time to look into what happened; nothing is served or computed from them.",
                "NIST.800.53.R5-S3BucketReplicationEnabled");
        return bucket;
    }

    private IBucket newArtifacts(@Nullable IBucket logs) {
        Bucket bucket = new Bucket(
                this,
                "Artifacts",
                logged(logs, "artifacts/")
                        .lifecycleRules(List.of(LifecycleRule.builder()
                                .id("abort-incomplete-uploads")
                                .abortIncompleteMultipartUploadAfter(A_WEEK)
                                .build()))
                        .build());
        // CloudFormation can do this itself by now; CDK's eventBridgeEnabled makes a Lambda for it.
        ((CfnBucket) bucket.getNode().getDefaultChild())
                .addPropertyOverride("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", true);
        return acknowledged(bucket);
    }

    private IBucket newGold(@Nullable IBucket logs) {
        LifecycleRule.Builder rule = LifecycleRule.builder()
                .id("predictions")
                .noncurrentVersionExpiration(Duration.days(30))
                .abortIncompleteMultipartUploadAfter(A_WEEK);
        if (props.predictionsExpireAfter() != null) {
            rule.expiration(props.predictionsExpireAfter());
        }
        return acknowledged(new Bucket(
                this,
                "Gold",
                logged(logs, "gold/").lifecycleRules(List.of(rule.build())).build()));
    }

    private Bucket acknowledged(Bucket bucket) {
        Findings.acknowledge(
                bucket,
                "A stage is in one region and does not promise to outlive it; versions undo what was deleted or"
                        + " overwritten, and a platform that needs a second region brings buckets that it replicates.",
                "NIST.800.53.R5-S3BucketReplicationEnabled");
        if (props.encryptionKey() == null) {
            Findings.acknowledge(
                    bucket,
                    "S3 encrypts every object with keys of its own, as this stage chose; with encryption: customer-key"
                            + " it is a key of the account.",
                    "NIST.800.53.R5-S3DefaultEncryptionKMS");
        }
        return bucket;
    }

    private BucketProps.Builder logged(@Nullable IBucket logs, String prefix) {
        return safe(props.encryptionKey()).serverAccessLogsBucket(logs).serverAccessLogsPrefix(prefix);
    }

    private BucketProps.Builder safe(@Nullable IKey key) {
        BucketProps.Builder safe = BucketProps.builder()
                .versioned(true)
                .enforceSsl(true)
                .minimumTlsVersion(1.2)
                .objectOwnership(ObjectOwnership.BUCKET_OWNER_ENFORCED)
                .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
                .removalPolicy(props.removalPolicy());
        return key == null
                ? safe.encryption(BucketEncryption.S3_MANAGED)
                : safe.encryption(BucketEncryption.KMS).encryptionKey(key).bucketKeyEnabled(true);
    }

    private static Grant put(IGrantable grantee, String objects) {
        return Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                .grantee(grantee)
                .actions(List.of("s3:PutObject"))
                .resourceArns(List.of(objects))
                .build());
    }

    private static Grant withKey(Grant grant, @Nullable IKey key, IGrantable grantee, String... actions) {
        return key == null ? grant : grant.combine(key.grant(grantee, actions));
    }

    private static Metric bytes(IBucket bucket) {
        return Metric.Builder.create()
                .namespace("AWS/S3")
                .metricName("BucketSizeBytes")
                .dimensionsMap(Map.of("BucketName", bucket.getBucketName(), "StorageType", "StandardStorage"))
                .statistic("Average")
                .period(Duration.days(1))
                .build();
    }
}
