package dev.modelserving.infra.door;

import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * What an {@link InferenceDoor} is made of.
 *
 * @param service that the door opens to
 * @param vpc of the service
 * @param subnets where the link's network interfaces are
 * @param requestsPerSecond that are let through; those beyond get 429
 * @param burst requests at once beyond that rate
 * @param logRetention how long the access log is kept
 * @param logKey that encrypts the access log; null: a key of CloudWatch's own
 * @param logRemovalPolicy of the access log when it leaves the stack
 */
@RecordBuilder
public record InferenceDoorProps(
        EcsFargateServiceConstruct service,
        IVpc vpc,
        SubnetSelection subnets,

        @RecordBuilder.Initializer("DEFAULT_REQUESTS_PER_SECOND")
        int requestsPerSecond,

        @RecordBuilder.Initializer("DEFAULT_BURST") int burst,
        @RecordBuilder.Initializer("DEFAULT_LOG_RETENTION") RetentionDays logRetention,
        @Nullable IKey logKey,

        @RecordBuilder.Initializer("DEFAULT_LOG_REMOVAL_POLICY")
        RemovalPolicy logRemovalPolicy) {
    public static final int DEFAULT_REQUESTS_PER_SECOND = 100;
    public static final int DEFAULT_BURST = 200;
    public static final RetentionDays DEFAULT_LOG_RETENTION = RetentionDays.ONE_MONTH;
    public static final RemovalPolicy DEFAULT_LOG_REMOVAL_POLICY = RemovalPolicy.RETAIN;

    public static InferenceDoorPropsBuilder builder() {
        return InferenceDoorPropsBuilder.builder();
    }
}
