package dev.modelserving.infra.service;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.registry.ModelRegistryTable;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.ICluster;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.servicediscovery.IPrivateDnsNamespace;

/**
 * What an {@link EcsFargateServiceConstruct} is made of.
 *
 * @param network where the tasks run; what they call is let through by it
 * @param lake where models come from and predictions go
 * @param registry which models there are
 * @param image of the service, for {@code architecture}
 * @param cluster a cluster that is there, with the capacity provider FARGATE, FARGATE_SPOT if {@code spot}, and Container
 *     Insights for the counts of tasks; null: a new one with enhanced Container Insights
 * @param namespace a private DNS namespace that is there; null: a new one named {@code namespaceName}
 * @param namespaceName the name of a new private DNS namespace
 * @param discoveryName the service's name in the namespace
 * @param architecture of the processors that tasks run on
 * @param size CPU and memory of a task
 * @param ephemeralStorage of a task in GiB, 21 to 200; holds the files of models and what is being downloaded
 * @param minReplicas tasks that always run, on Fargate proper
 * @param maxReplicas tasks at most
 * @param spot whether tasks beyond {@code minReplicas} run on Spot
 * @param targetCpuPercent of all tasks, at which tasks are added and taken away
 * @param scaleInCooldown how long no task is taken away after the last change; longer than all models take to load
 * @param drainDelay how long a task that is to stop goes on accepting; longer than names are cached
 * @param requestTimeout in which every request is answered
 * @param stopTimeout after which a task that is to stop is killed; at most 120 s
 * @param environment further variables of the service
 * @param logRetention how long lines of the log are kept
 * @param logKey that encrypts the log; null: a key of CloudWatch's own
 * @param logRemovalPolicy of the log when it leaves the stack
 * @param deploymentAlarmNames names of alarms that end a deployment and bring the tasks of the one before back
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record EcsFargateServiceProps(
        ServingNetwork network,
        DataLake lake,
        ModelRegistryTable registry,
        ContainerImage image,
        @Nullable ICluster cluster,
        @Nullable IPrivateDnsNamespace namespace,
        @RecordBuilder.Initializer("DEFAULT_NAMESPACE_NAME") String namespaceName,
        @RecordBuilder.Initializer("DEFAULT_DISCOVERY_NAME") String discoveryName,
        @RecordBuilder.Initializer("DEFAULT_ARCHITECTURE") CpuArchitecture architecture,
        @RecordBuilder.Initializer("DEFAULT_SIZE") TaskSize size,

        @RecordBuilder.Initializer("DEFAULT_EPHEMERAL_STORAGE")
        int ephemeralStorage,

        @RecordBuilder.Initializer("DEFAULT_MIN_REPLICAS") int minReplicas,
        @RecordBuilder.Initializer("DEFAULT_MAX_REPLICAS") int maxReplicas,
        boolean spot,

        @RecordBuilder.Initializer("DEFAULT_TARGET_CPU_PERCENT")
        int targetCpuPercent,

        @RecordBuilder.Initializer("DEFAULT_SCALE_IN_COOLDOWN")
        Duration scaleInCooldown,

        @RecordBuilder.Initializer("DEFAULT_DRAIN_DELAY") Duration drainDelay,

        @RecordBuilder.Initializer("DEFAULT_REQUEST_TIMEOUT")
        Duration requestTimeout,

        @RecordBuilder.Initializer("DEFAULT_STOP_TIMEOUT") Duration stopTimeout,
        Map<String, String> environment,
        @RecordBuilder.Initializer("DEFAULT_LOG_RETENTION") RetentionDays logRetention,
        @Nullable IKey logKey,

        @RecordBuilder.Initializer("DEFAULT_LOG_REMOVAL_POLICY")
        RemovalPolicy logRemovalPolicy,

        List<String> deploymentAlarmNames) {
    public static final String DEFAULT_NAMESPACE_NAME = "model-serving.internal";
    public static final String DEFAULT_DISCOVERY_NAME = "models";
    public static final CpuArchitecture DEFAULT_ARCHITECTURE = CpuArchitecture.X86_64;
    public static final TaskSize DEFAULT_SIZE = new TaskSize(1024, 2048);
    public static final int DEFAULT_EPHEMERAL_STORAGE = 21;
    public static final int DEFAULT_MIN_REPLICAS = 2;
    public static final int DEFAULT_MAX_REPLICAS = 4;
    public static final int DEFAULT_TARGET_CPU_PERCENT = 60;
    public static final Duration DEFAULT_SCALE_IN_COOLDOWN = Duration.minutes(10);
    public static final Duration DEFAULT_DRAIN_DELAY = Duration.seconds(25);
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.seconds(25);
    public static final Duration DEFAULT_STOP_TIMEOUT = Duration.seconds(90);
    public static final RetentionDays DEFAULT_LOG_RETENTION = RetentionDays.ONE_MONTH;
    public static final RemovalPolicy DEFAULT_LOG_REMOVAL_POLICY = RemovalPolicy.RETAIN;

    /** After the last answer: the prediction log is written (10 s), the replica's report taken back (8 s), models closed. */
    private static final int SECONDS_AFTER_LAST_ANSWER = 20;

    public EcsFargateServiceProps {
        expect(
                ephemeralStorage >= 21 && ephemeralStorage <= 200,
                "ephemeralStorage",
                ephemeralStorage,
                "21 to 200 GiB");
        expect(minReplicas >= 1, "minReplicas", minReplicas, "at least 1");
        expect(maxReplicas >= minReplicas, "maxReplicas", maxReplicas, "at least minReplicas, " + minReplicas);
        double needed = seconds(drainDelay) + seconds(requestTimeout) + SECONDS_AFTER_LAST_ANSWER;
        expect(
                needed <= seconds(stopTimeout) && seconds(stopTimeout) <= 120,
                "stopTimeout",
                stopTimeout.toHumanString(),
                "drainDelay + requestTimeout + %d s = %.0f s, to 120 s".formatted(SECONDS_AFTER_LAST_ANSWER, needed));
    }

    public static EcsFargateServicePropsBuilder builder() {
        return EcsFargateServicePropsBuilder.builder();
    }

    private static double seconds(Duration duration) {
        return duration.toSeconds().doubleValue();
    }

    private static void expect(boolean holds, String name, Object came, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("%s: %s (expected: %s)".formatted(name, came, expected));
        }
    }
}
