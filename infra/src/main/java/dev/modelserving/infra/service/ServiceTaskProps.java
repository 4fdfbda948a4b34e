package dev.modelserving.infra.service;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.registry.ModelRegistryTable;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * What a {@link ServiceTask} is made of.
 *
 * @param name of what runs in it, for descriptions: {@code "the model-serving service"}
 * @param network where it runs; what it calls is let through by it
 * @param lake where models come from
 * @param registry which models there are
 * @param image of the service, for {@code architecture}
 * @param architecture of the processors that it runs on
 * @param size its CPU and memory
 * @param ephemeralStorage in GiB, 21 to 200; holds the files of models and what is being downloaded
 * @param stopTimeout after which a task that is to stop is killed; at most 120 s
 * @param environment variables beyond those that name buckets, table, cache folder and the form of the log
 * @param logRetention how long lines of the log are kept
 * @param logKey that encrypts the log; null: a key of CloudWatch's own
 * @param logRemovalPolicy of the log when it leaves the stack
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record ServiceTaskProps(
        String name,
        ServingNetwork network,
        DataLake lake,
        ModelRegistryTable registry,
        ContainerImage image,
        CpuArchitecture architecture,
        TaskSize size,
        int ephemeralStorage,
        Duration stopTimeout,
        Map<String, String> environment,
        RetentionDays logRetention,
        @Nullable IKey logKey,
        RemovalPolicy logRemovalPolicy) {

    public static ServiceTaskPropsBuilder builder() {
        return ServiceTaskPropsBuilder.builder();
    }
}
