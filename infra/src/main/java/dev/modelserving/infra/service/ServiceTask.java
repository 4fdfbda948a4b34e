package dev.modelserving.infra.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.services.ecs.AwsLogDriverMode;
import software.amazon.awscdk.services.ecs.AwsLogDriverProps;
import software.amazon.awscdk.services.ecs.Capability;
import software.amazon.awscdk.services.ecs.ContainerDefinition;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.ecs.HealthCheck;
import software.amazon.awscdk.services.ecs.LinuxParameters;
import software.amazon.awscdk.services.ecs.LogDriver;
import software.amazon.awscdk.services.ecs.MountPoint;
import software.amazon.awscdk.services.ecs.OperatingSystemFamily;
import software.amazon.awscdk.services.ecs.PortMapping;
import software.amazon.awscdk.services.ecs.RuntimePlatform;
import software.amazon.awscdk.services.ecs.Volume;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.constructs.Construct;

/**
 * What runs in a task: one container, on a file system that it cannot write but for two volumes, which the image makes
 * over to its user.
 */
final class ServiceTask {
    /** User and group of the image. */
    private static final String USER = "10001:10001";

    private static final String CONTAINER = "service";
    private static final String CACHE = "/var/lib/model-serving";

    private final Construct scope;
    private final EcsFargateServiceProps props;

    /** @param scope where the resources are made; their ids come from there */
    ServiceTask(Construct scope, EcsFargateServiceProps props) {
        this.scope = scope;
        this.props = props;
    }

    FargateTaskDefinition define(Role role, ILogGroup log) {
        FargateTaskDefinition task = task(role);
        addContainer(task, log);
        return task;
    }

    private FargateTaskDefinition task(Role role) {
        return FargateTaskDefinition.Builder.create(scope, "Task")
                .cpu(props.size().cpu())
                .memoryLimitMiB(props.size().memory())
                .ephemeralStorageGiB(props.ephemeralStorage())
                .runtimePlatform(RuntimePlatform.builder()
                        .cpuArchitecture(props.architecture())
                        .operatingSystemFamily(OperatingSystemFamily.LINUX)
                        .build())
                .taskRole(role)
                .volumes(List.of(
                        Volume.builder().name("tmp").build(),
                        Volume.builder().name("cache").build()))
                .build();
    }

    private void addContainer(FargateTaskDefinition task, ILogGroup log) {
        LinuxParameters linux = LinuxParameters.Builder.create(scope, "Linux").build();
        linux.dropCapabilities(Capability.ALL);
        List<String> command = new ArrayList<>(JvmOptions.of(props.size()));
        command.addAll(List.of("-jar", "/app/model-serving.jar"));
        ContainerDefinition container = task.addContainer(
                CONTAINER,
                ContainerDefinitionOptions.builder()
                        .image(props.image())
                        .command(command)
                        .essential(true)
                        .user(USER)
                        .readonlyRootFilesystem(true)
                        .linuxParameters(linux)
                        .environment(environment())
                        .portMappings(List.of(
                                port("http", EcsFargateServiceConstruct.HTTP_PORT),
                                port("grpc", EcsFargateServiceConstruct.GRPC_PORT)))
                        // Costs a few milliseconds of CPU; the image's own HEALTHCHECK is nothing to ECS.
                        .healthCheck(HealthCheck.builder()
                                .command(List.of("CMD", "/app/health"))
                                .interval(Duration.seconds(10))
                                .timeout(Duration.seconds(5))
                                .retries(3)
                                .startPeriod(Duration.seconds(300))
                                .build())
                        .stopTimeout(props.stopTimeout())
                        .logging(LogDriver.awsLogs(AwsLogDriverProps.builder()
                                .logGroup(log)
                                .streamPrefix(CONTAINER)
                                // A log that does not take lines must not hold up answers.
                                .mode(AwsLogDriverMode.NON_BLOCKING)
                                .maxBufferSize(Size.mebibytes(25))
                                .build()))
                        .build());
        container.addMountPoints(mount("tmp", "/tmp"), mount("cache", CACHE));
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>(props.environment());
        environment.putAll(Map.of(
                "ARTIFACTS_BUCKET", props.lake().artifacts().getBucketName(),
                "GOLD_BUCKET", props.lake().gold().getBucketName(),
                "MODEL_REGISTRY_TABLE", props.registry().table().getTableName(),
                "EXECUTION_MODE", "standalone",
                "HTTP_PORT", String.valueOf(EcsFargateServiceConstruct.HTTP_PORT),
                "DRAIN_DELAY", seconds(props.drainDelay()),
                "REQUEST_TIMEOUT", seconds(props.requestTimeout()),
                "MODEL_CACHE_DIR", CACHE,
                "LOG_FORMAT", "json"));
        return environment;
    }

    private static PortMapping port(String name, int number) {
        return PortMapping.builder().name(name).containerPort(number).build();
    }

    private static MountPoint mount(String volume, String path) {
        return MountPoint.builder()
                .sourceVolume(volume)
                .containerPath(path)
                .readOnly(false)
                .build();
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds().intValue() + "s";
    }
}
