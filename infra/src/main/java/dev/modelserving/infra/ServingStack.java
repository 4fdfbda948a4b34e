package dev.modelserving.infra;

import dev.modelserving.infra.door.InferenceDoor;
import dev.modelserving.infra.door.InferenceDoorProps;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.network.ServingNetworkProps;
import dev.modelserving.infra.observability.AlarmTopic;
import dev.modelserving.infra.observability.AlarmTopicProps;
import dev.modelserving.infra.observability.DeploymentAlarm;
import dev.modelserving.infra.observability.DeploymentAlarmProps;
import dev.modelserving.infra.observability.ServiceLogMetrics;
import dev.modelserving.infra.observability.ServiceLogMetricsProps;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import dev.modelserving.infra.service.EcsFargateServiceProps;
import dev.modelserving.infra.settings.StageSettings;
import dev.modelserving.infra.settings.StageSettings.Architecture;
import dev.modelserving.infra.settings.StageSettings.ExistingVpc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.IPeer;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SecurityGroupImportOptions;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.ec2.SubnetAttributes;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcAttributes;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.ecr.assets.Platform;
import software.amazon.awscdk.services.ecs.AssetImageProps;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ClusterAttributes;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.ICluster;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

/**
 * The service, with the alarm that watches its deployments, and the door to it where one is wanted. The image is the one that the settings name, or is built from a
 * folder with its Dockerfile.
 */
final class ServingStack extends Stack {
    private final StageSettings settings;
    private final ServingNetwork network;
    private final ContainerImage image;
    private final AlarmTopic alarmTopic;
    private final EcsFargateServiceConstruct service;
    private final ServiceLogMetrics metrics;
    private final DeploymentAlarm deploymentAlarm;
    private final @Nullable InferenceDoor door;

    ServingStack(
            Construct scope,
            String id,
            StackProps props,
            StageSettings settings,
            DataStack data,
            Optional<NetworkStack> networkStack,
            Path imageFolder) {
        super(scope, id, props);
        this.settings = settings;
        this.network = networkStack.map(NetworkStack::network).orElseGet(this::existingNetwork);
        IKey key = data.key().orElse(null);
        RemovalPolicy removal = data.removalPolicy();
        StageSettings.Service wanted = settings.service();
        String name = settings.qualifiedName();
        this.image = image(wanted, imageFolder);
        this.alarmTopic = alarmTopic(key);
        this.service = new EcsFargateServiceConstruct(
                this,
                "Service",
                EcsFargateServiceProps.builder()
                        .network(network)
                        .lake(data.lake())
                        .registry(data.registry())
                        .image(image)
                        .architecture(architecture(wanted))
                        .cluster(cluster(wanted, network.vpc()))
                        .namespaceName(wanted.namespace())
                        .size(wanted.size())
                        .ephemeralStorage(wanted.ephemeralStorage())
                        .minReplicas(wanted.minReplicas())
                        .maxReplicas(wanted.maxReplicas())
                        .spot(wanted.spot())
                        .drainDelay(seconds(wanted.drainDelay()))
                        .requestTimeout(seconds(wanted.requestTimeout()))
                        .stopTimeout(seconds(wanted.stopTimeout()))
                        .environment(wanted.environment())
                        .logRetention(settings.observability().logRetention())
                        .logKey(key)
                        .logRemovalPolicy(removal)
                        .deploymentAlarmNames(DeploymentAlarm.names(name))
                        .build());
        this.metrics = new ServiceLogMetrics(
                this,
                "Metrics",
                ServiceLogMetricsProps.builder()
                        .logGroup(service.logGroup())
                        .namespace("ModelServing/" + settings.stage())
                        .build());
        this.deploymentAlarm = new DeploymentAlarm(
                this,
                "DeploymentAlarm",
                DeploymentAlarmProps.builder()
                        .namePrefix(name)
                        .metrics(metrics)
                        .topic(alarmTopic)
                        .build());
        // What a deployment is watched by is there before the first one.
        service.service().getNode().addDependency(metrics, deploymentAlarm);
        for (int i = 0; i < wanted.allowFrom().size(); i++) {
            service.allowFrom(peer("Caller" + i, wanted.allowFrom().get(i)));
        }
        this.door = settings.door().enabled() ? door(key, removal) : null;
        outputs();
    }

    /** Where tasks run. */
    ServingNetwork network() {
        return network;
    }

    /** Of all tasks: it is built once, however many use it. */
    ContainerImage image() {
        return image;
    }

    EcsFargateServiceConstruct service() {
        return service;
    }

    Optional<InferenceDoor> door() {
        return Optional.ofNullable(door);
    }

    AlarmTopic alarmTopic() {
        return alarmTopic;
    }

    ServiceLogMetrics metrics() {
        return metrics;
    }

    DeploymentAlarm deploymentAlarm() {
        return deploymentAlarm;
    }

    private AlarmTopic alarmTopic(@Nullable IKey key) {
        StageSettings.Observability wanted = settings.observability();
        return new AlarmTopic(
                this,
                "Alarms",
                AlarmTopicProps.builder()
                        .topic(
                                wanted.alarmTopicArn() == null
                                        ? null
                                        : Topic.fromTopicArn(this, "AlarmTopic", wanted.alarmTopicArn()))
                        .displayName("Model serving, " + settings.stage())
                        .emails(wanted.alarmEmails())
                        .key(key)
                        .build());
    }

    private ServingNetwork existingNetwork() {
        ExistingVpc existing = settings.network().existing();
        if (existing == null) {
            throw new IllegalArgumentException("network: neither new nor existing");
        }
        IVpc vpc = Vpc.fromVpcAttributes(
                this,
                "Vpc",
                VpcAttributes.builder()
                        .vpcId(existing.vpcId())
                        .availabilityZones(existing.availabilityZones())
                        .build());
        List<ISubnet> subnets = new ArrayList<>();
        for (int i = 0; i < existing.subnetIds().size(); i++) {
            ISubnet subnet = Subnet.fromSubnetAttributes(
                    this,
                    "Subnet" + i,
                    SubnetAttributes.builder()
                            .subnetId(existing.subnetIds().get(i))
                            .availabilityZone(existing.availabilityZones().get(i))
                            .build());
            Annotations.of(subnet)
                    .acknowledgeWarning("@aws-cdk/aws-ec2:noSubnetRouteTableId", "No route is changed here.");
            subnets.add(subnet);
        }
        return new ServingNetwork(
                this,
                "Network",
                ServingNetworkProps.builder()
                        .vpc(vpc)
                        .subnets(SubnetSelection.builder().subnets(subnets).build())
                        .endpointSecurityGroups(existing.endpointSecurityGroups().stream()
                                .map(group -> securityGroup("Endpoints-" + group, group))
                                .toList())
                        .prefixLists(settings.network().prefixLists())
                        .build());
    }

    private ContainerImage image(StageSettings.Service wanted, Path folder) {
        StageSettings.Image image = wanted.image();
        if (image != null) {
            return ContainerImage.fromEcrRepository(
                    Repository.fromRepositoryName(this, "Repository", image.repository()), image.digest());
        }
        return ContainerImage.fromAsset(
                folder.toString(),
                AssetImageProps.builder()
                        .platform(
                                wanted.architecture() == Architecture.ARM64
                                        ? Platform.LINUX_ARM64
                                        : Platform.LINUX_AMD64)
                        .build());
    }

    static CpuArchitecture architecture(StageSettings.Service wanted) {
        return wanted.architecture() == Architecture.ARM64 ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64;
    }

    private @Nullable ICluster cluster(StageSettings.Service wanted, IVpc vpc) {
        return wanted.clusterName() == null
                ? null
                : Cluster.fromClusterAttributes(
                        this,
                        "Cluster",
                        ClusterAttributes.builder()
                                .clusterName(wanted.clusterName())
                                .vpc(vpc)
                                .build());
    }

    private IPeer peer(String id, String caller) {
        if (caller.startsWith("sg-")) {
            return securityGroup(id, caller);
        }
        return caller.startsWith("pl-") ? Peer.prefixList(caller) : Peer.ipv4(caller);
    }

    private ISecurityGroup securityGroup(String id, String groupId) {
        return SecurityGroup.fromSecurityGroupId(
                this,
                id,
                groupId,
                SecurityGroupImportOptions.builder().mutable(false).build());
    }

    private InferenceDoor door(@Nullable IKey key, RemovalPolicy removal) {
        return new InferenceDoor(
                this,
                "Door",
                InferenceDoorProps.builder()
                        .service(service)
                        .vpc(network.vpc())
                        .subnets(network.subnets())
                        .requestsPerSecond(settings.door().requestsPerSecond())
                        .burst(2 * settings.door().requestsPerSecond())
                        .logRetention(settings.observability().logRetention())
                        .logKey(key)
                        .logRemovalPolicy(removal)
                        .build());
    }

    private void outputs() {
        output(
                "Url",
                "http://%s:%d".formatted(service.hostName(), EcsFargateServiceConstruct.HTTP_PORT),
                "REST, for callers in the VPC that allowFrom names: curl $Url/models");
        output("ClusterName", service.cluster().getClusterName(), "Where the tasks run");
        output("ServiceName", service.service().getServiceName(), "What is deployed and scaled");
        output(
                "LogGroup",
                service.logGroup().getLogGroupName(),
                "What the tasks say: aws logs tail $LogGroup --follow");
        door().ifPresent(opened -> output(
                "DoorUrl",
                opened.url(),
                "REST from outside the VPC, signed with SigV4 for execute-api; 30 s, 10 MB, no gRPC"));
    }

    private void output(String id, String value, String description) {
        CfnOutput.Builder.create(this, id).value(value).description(description).build();
    }

    static Duration seconds(java.time.Duration duration) {
        return Duration.seconds(duration.toSeconds());
    }
}
