package dev.modelserving.infra.service;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ecs.AwsLogDriverMode;
import software.amazon.awscdk.services.ecs.AwsLogDriverProps;
import software.amazon.awscdk.services.ecs.Capability;
import software.amazon.awscdk.services.ecs.ContainerDefinition;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.ecs.LinuxParameters;
import software.amazon.awscdk.services.ecs.LogDriver;
import software.amazon.awscdk.services.ecs.MountPoint;
import software.amazon.awscdk.services.ecs.OperatingSystemFamily;
import software.amazon.awscdk.services.ecs.RuntimePlatform;
import software.amazon.awscdk.services.ecs.Volume;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * The service's image as a task, whatever the mode in which it runs: one container, on a file system that it cannot write
 * but for two volumes, which the image makes over to its user; with a log, a role and a security group of its own, and
 * egress to what it calls. The role reads the registry and models; whatever more it may do, who makes the task grants.
 */
public final class ServiceTask {
    /** The name of its one container. */
    public static final String CONTAINER = "service";

    /** User and group of the image. */
    private static final String USER = "10001:10001";

    private static final String CACHE = "/var/lib/model-serving";

    private final Construct scope;
    private final ServiceTaskProps props;
    private final LogGroup logGroup;
    private final SecurityGroup securityGroup;
    private final Role role;

    /** @param scope where the resources are made; their ids come from there */
    public ServiceTask(Construct scope, ServiceTaskProps props) {
        this.scope = scope;
        this.props = props;
        this.logGroup = LogGroup.Builder.create(scope, "Log")
                .retention(props.logRetention())
                .encryptionKey(props.logKey())
                .removalPolicy(props.logRemovalPolicy())
                .build();
        Findings.acknowledgeKey(logGroup, props.logKey());
        this.securityGroup = SecurityGroup.Builder.create(scope, "Tasks")
                .vpc(props.network().vpc())
                .description("Tasks of " + props.name())
                .allowAllOutbound(false)
                .build();
        props.network().allowEgress(securityGroup);
        this.role = Role.Builder.create(scope, "Role")
                .assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com"))
                .description("What " + props.name() + " may do")
                .build();
        props.registry().grantRead(role);
        props.lake().grantReadModels(role);
    }

    public LogGroup logGroup() {
        return logGroup;
    }

    public SecurityGroup securityGroup() {
        return securityGroup;
    }

    public Role role() {
        return role;
    }

    /**
     * The task's definition, made once.
     *
     * @param more adds to the container what its mode needs
     */
    public FargateTaskDefinition define(Consumer<ContainerDefinitionOptions.Builder> more) {
        FargateTaskDefinition task = FargateTaskDefinition.Builder.create(scope, "Task")
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
        ContainerDefinitionOptions.Builder container = container();
        more.accept(container);
        ContainerDefinition made = task.addContainer(CONTAINER, container.build());
        made.addMountPoints(mount("tmp", "/tmp"), mount("cache", CACHE));
        acknowledge(task);
        return task;
    }

    private ContainerDefinitionOptions.Builder container() {
        LinuxParameters linux = LinuxParameters.Builder.create(scope, "Linux").build();
        linux.dropCapabilities(Capability.ALL);
        List<String> command = new ArrayList<>(JvmOptions.of(props.size()));
        command.addAll(List.of("-jar", "/app/model-serving.jar"));
        return ContainerDefinitionOptions.builder()
                .image(props.image())
                .command(command)
                .essential(true)
                .user(USER)
                .readonlyRootFilesystem(true)
                .linuxParameters(linux)
                .environment(environment())
                .stopTimeout(props.stopTimeout())
                .logging(LogDriver.awsLogs(AwsLogDriverProps.builder()
                        .logGroup(logGroup)
                        .streamPrefix(CONTAINER)
                        // A log that does not take lines must not hold up answers.
                        .mode(AwsLogDriverMode.NON_BLOCKING)
                        .maxBufferSize(Size.mebibytes(25))
                        .build()));
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>(props.environment());
        environment.putAll(Map.of(
                "ARTIFACTS_BUCKET", props.lake().artifacts().getBucketName(),
                "GOLD_BUCKET", props.lake().gold().getBucketName(),
                "MODEL_REGISTRY_TABLE", props.registry().table().getTableName(),
                "MODEL_CACHE_DIR", CACHE,
                "LOG_FORMAT", "json"));
        return environment;
    }

    private void acknowledge(FargateTaskDefinition task) {
        IConstruct grants = Findings.acknowledgeGrants(role);
        Findings.acknowledge(
                grants,
                "The image reads whichever models are registered, in all their files: everything under models/ and"
                        + " nothing beside it, and it cannot write there.",
                Findings.objects(grants, props.lake().artifacts(), "models/*"));
        Findings.acknowledge(
                Findings.acknowledgeGrants(task.obtainExecutionRole()),
                "ecr:GetAuthorizationToken is for the registry of the whole account and knows no resource; what the role"
                        + " may pull is limited to the image's repository.",
                Findings.ANY_RESOURCE);
        Findings.acknowledge(
                task,
                "The variables are names of buckets and a table, ports, durations and figures. There is no secret among"
                        + " them: the task has its role and no other credentials.",
                "AwsSolutions-ECS2");
    }

    private static MountPoint mount(String volume, String path) {
        return MountPoint.builder()
                .sourceVolume(volume)
                .containerPath(path)
                .readOnly(false)
                .build();
    }

    static String seconds(Duration duration) {
        return duration.toSeconds().intValue() + "s";
    }
}
