package dev.modelserving.infra.workflow;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.service.EcsFargateServiceProps;
import dev.modelserving.infra.service.TaskSize;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.ICluster;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * What a {@link PipelineTask} is made of.
 *
 * @param cluster where it is run, with the capacity provider FARGATE
 * @param network where it runs; what it calls is let through by it
 * @param lake where models come from
 * @param registry where versions are looked up and verdicts written
 * @param image of the service, for {@code architecture}
 * @param architecture of the processors that it runs on; that of the service, or what is measured says nothing
 * @param size its CPU and memory; a model has to fit that fits into the service
 * @param ephemeralStorage in GiB, 21 to 200; holds the files of the model and what is being downloaded
 * @param environment further variables of the service
 * @param logRetention how long lines of the log are kept
 * @param logKey that encrypts the log; null: a key of CloudWatch's own
 * @param logRemovalPolicy of the log when it leaves the stack
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record PipelineTaskProps(
        ICluster cluster,
        ServingNetwork network,
        DataLake lake,
        ModelRegistryTable registry,
        ContainerImage image,
        @RecordBuilder.Initializer("DEFAULT_ARCHITECTURE") CpuArchitecture architecture,
        @RecordBuilder.Initializer("DEFAULT_SIZE") TaskSize size,

        @RecordBuilder.Initializer("DEFAULT_EPHEMERAL_STORAGE")
        int ephemeralStorage,

        Map<String, String> environment,
        @RecordBuilder.Initializer("DEFAULT_LOG_RETENTION") RetentionDays logRetention,
        @Nullable IKey logKey,

        @RecordBuilder.Initializer("DEFAULT_LOG_REMOVAL_POLICY")
        RemovalPolicy logRemovalPolicy) {
    public static final CpuArchitecture DEFAULT_ARCHITECTURE = EcsFargateServiceProps.DEFAULT_ARCHITECTURE;
    public static final TaskSize DEFAULT_SIZE = EcsFargateServiceProps.DEFAULT_SIZE;
    public static final int DEFAULT_EPHEMERAL_STORAGE = EcsFargateServiceProps.DEFAULT_EPHEMERAL_STORAGE;
    public static final RetentionDays DEFAULT_LOG_RETENTION = EcsFargateServiceProps.DEFAULT_LOG_RETENTION;
    public static final RemovalPolicy DEFAULT_LOG_REMOVAL_POLICY = EcsFargateServiceProps.DEFAULT_LOG_REMOVAL_POLICY;

    public static PipelineTaskPropsBuilder builder() {
        return PipelineTaskPropsBuilder.builder();
    }
}
