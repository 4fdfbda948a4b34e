package dev.modelserving.infra.service;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.applicationautoscaling.EnableScalingProps;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.ec2.Connections;
import software.amazon.awscdk.services.ec2.IConnectable;
import software.amazon.awscdk.services.ec2.IPeer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ecs.AlarmBehavior;
import software.amazon.awscdk.services.ecs.AssociateCloudMapServiceOptions;
import software.amazon.awscdk.services.ecs.AvailabilityZoneRebalancing;
import software.amazon.awscdk.services.ecs.CapacityProviderStrategy;
import software.amazon.awscdk.services.ecs.CfnCluster;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.ContainerInsights;
import software.amazon.awscdk.services.ecs.CpuUtilizationScalingProps;
import software.amazon.awscdk.services.ecs.DeploymentAlarmOptions;
import software.amazon.awscdk.services.ecs.DeploymentCircuitBreaker;
import software.amazon.awscdk.services.ecs.FargatePlatformVersion;
import software.amazon.awscdk.services.ecs.FargateService;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.ecs.HealthCheck;
import software.amazon.awscdk.services.ecs.ICluster;
import software.amazon.awscdk.services.ecs.PortMapping;
import software.amazon.awscdk.services.ecs.PropagatedTagSource;
import software.amazon.awscdk.services.ecs.ScalableTaskCount;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.IPrincipal;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.servicediscovery.CfnService;
import software.amazon.awscdk.services.servicediscovery.DiscoveryType;
import software.amazon.awscdk.services.servicediscovery.DnsRecordType;
import software.amazon.awscdk.services.servicediscovery.IPrivateDnsNamespace;
import software.amazon.awscdk.services.servicediscovery.IService;
import software.amazon.awscdk.services.servicediscovery.PrivateDnsNamespace;
import software.amazon.awscdk.services.servicediscovery.RoutingPolicy;
import software.amazon.awscdk.services.servicediscovery.Service;
import software.amazon.awscdk.services.servicediscovery.ServiceAttributes;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * The service on Fargate, without a load balancer: callers find its tasks by name, through Cloud Map.
 *
 * <p>Nobody may call it until {@link #allowFrom} says so. It runs as user 10001 on a file system that it cannot write,
 * without capabilities, and may do no more in AWS than read the registry and models, report what it serves, and write
 * predictions. A deployment that does not become healthy, or rings one of the alarms, is rolled back.
 */
public final class EcsFargateServiceConstruct extends Construct implements IConnectable, IGrantable {
    /** The port of REST calls. */
    public static final int HTTP_PORT = 8080;
    /** The port of gRPC calls. */
    public static final int GRPC_PORT = 8081;

    /** How long callers may keep the address of a task. */
    static final int DNS_TTL_SECONDS = 10;

    private final EcsFargateServiceProps props;
    private final ICluster cluster;
    private final ServiceTask task;
    private final FargateService service;
    private final IService discovery;
    private final IPrivateDnsNamespace namespace;

    public EcsFargateServiceConstruct(Construct scope, String id, EcsFargateServiceProps props) {
        super(scope, id);
        this.props = props;
        this.cluster = props.cluster() == null ? newCluster() : props.cluster();
        this.task = new ServiceTask(this, taskProps());
        props.registry().grantReport(task.role());
        props.lake().grantWritePredictions(task.role());
        this.namespace = props.namespace() == null ? newNamespace() : props.namespace();
        CfnService records = records();
        this.discovery = Service.fromServiceAttributes(
                this,
                "Discovery",
                ServiceAttributes.builder()
                        .namespace(namespace)
                        .serviceName(props.discoveryName())
                        .serviceId(records.getAttrId())
                        .serviceArn(records.getAttrArn())
                        .dnsRecordType(DnsRecordType.SRV)
                        .routingPolicy(RoutingPolicy.MULTIVALUE)
                        .discoveryType(DiscoveryType.DNS_AND_API)
                        .build());
        this.service = newService(task.define(EcsFargateServiceConstruct::answers));
        scale();
        IConstruct grants = task.role().getNode().findChild("DefaultPolicy");
        Findings.acknowledge(
                grants,
                "Files of predictions are named by model, hour and replica: the service writes under predictions/ and"
                        + " nothing beside it, and reads none of them.",
                Findings.objects(grants, props.lake().gold(), "predictions/*"));
    }

    /** Lets a peer call the service, by REST and by gRPC. */
    public void allowFrom(IPeer peer) {
        task.securityGroup().addIngressRule(peer, Port.tcp(HTTP_PORT), "REST");
        task.securityGroup().addIngressRule(peer, Port.tcp(GRPC_PORT), "gRPC");
    }

    public ICluster cluster() {
        return cluster;
    }

    public FargateService service() {
        return service;
    }

    /** The lines of all tasks, as JSON. */
    public ILogGroup logGroup() {
        return task.logGroup();
    }

    /** The service in Cloud Map, with records of types A and SRV. */
    public IService discovery() {
        return discovery;
    }

    /** The name under which callers in the VPC find the tasks. */
    public String hostName() {
        return props.discoveryName() + "." + namespace.getNamespaceName();
    }

    @Override
    public Connections getConnections() {
        return task.securityGroup().getConnections();
    }

    @Override
    public IPrincipal getGrantPrincipal() {
        return task.role();
    }

    /** The CPU, in percent of what all tasks have, around which tasks are added and taken away. */
    public int targetCpuPercent() {
        return props.targetCpuPercent();
    }

    /** Tasks that always run. */
    public int minReplicas() {
        return props.minReplicas();
    }

    /** Tasks that run at most. */
    public int maxReplicas() {
        return props.maxReplicas();
    }

    /** CPU that all tasks use, in percent of what they have. */
    public Metric metricCpuUtilization() {
        return service.metricCpuUtilization();
    }

    /** Memory that all tasks use, in percent of what they have. */
    public Metric metricMemoryUtilization() {
        return service.metricMemoryUtilization();
    }

    /** Tasks that run; of Container Insights, as all the counts below. */
    public Metric metricRunningTasks() {
        return insights("RunningTaskCount", "Minimum");
    }

    /** Tasks that shall run, by what scaling decided. */
    public Metric metricDesiredTasks() {
        return insights("DesiredTaskCount", "Maximum");
    }

    /** Tasks that are being started. */
    public Metric metricPendingTasks() {
        return insights("PendingTaskCount", "Maximum");
    }

    /** Deployments: one, and a second while tasks are being replaced. */
    public Metric metricDeployments() {
        return insights("DeploymentCount", "Maximum");
    }

    private Metric insights(String name, String statistic) {
        return Metric.Builder.create()
                .namespace("ECS/ContainerInsights")
                .metricName(name)
                .dimensionsMap(Map.of("ClusterName", cluster.getClusterName(), "ServiceName", service.getServiceName()))
                .statistic(statistic)
                .period(Duration.minutes(1))
                .build();
    }

    private ServiceTaskProps taskProps() {
        Map<String, String> environment = new TreeMap<>(props.environment());
        environment.putAll(Map.of(
                "EXECUTION_MODE", "standalone",
                "HTTP_PORT", String.valueOf(HTTP_PORT),
                "DRAIN_DELAY", ServiceTask.seconds(props.drainDelay()),
                "REQUEST_TIMEOUT", ServiceTask.seconds(props.requestTimeout())));
        return ServiceTaskProps.builder()
                .name("the model-serving service")
                .network(props.network())
                .lake(props.lake())
                .registry(props.registry())
                .image(props.image())
                .architecture(props.architecture())
                .size(props.size())
                .ephemeralStorage(props.ephemeralStorage())
                .stopTimeout(props.stopTimeout())
                .environment(environment)
                .logRetention(props.logRetention())
                .logKey(props.logKey())
                .logRemovalPolicy(props.logRemovalPolicy())
                .build();
    }

    private static void answers(ContainerDefinitionOptions.Builder container) {
        container
                .portMappings(List.of(port("http", HTTP_PORT), port("grpc", GRPC_PORT)))
                // Costs a few milliseconds of CPU; the image's own HEALTHCHECK is nothing to ECS.
                .healthCheck(HealthCheck.builder()
                        .command(List.of("CMD", "/app/health"))
                        .interval(Duration.seconds(10))
                        .timeout(Duration.seconds(5))
                        .retries(3)
                        .startPeriod(Duration.seconds(300))
                        .build());
    }

    private static PortMapping port(String name, int number) {
        return PortMapping.builder().name(name).containerPort(number).build();
    }

    private ICluster newCluster() {
        Cluster made = Cluster.Builder.create(this, "Cluster")
                .vpc(props.network().vpc())
                .containerInsightsV2(ContainerInsights.ENHANCED)
                .build();
        // CDK's enableFargateCapacityProviders makes a resource of its own for them, which nothing orders before the
        // service: its creation, or the cluster's removal, would fail.
        ((CfnCluster) made.getNode().getDefaultChild()).setCapacityProviders(List.of("FARGATE", "FARGATE_SPOT"));
        return made;
    }

    private PrivateDnsNamespace newNamespace() {
        return PrivateDnsNamespace.Builder.create(this, "Namespace")
                .name(props.namespaceName())
                .vpc(props.network().vpc())
                .description("Where callers find model serving")
                .build();
    }

    /** Two types of record on one service: clients ask for A, the door for SRV, which has the port. CDK's own takes one. */
    private CfnService records() {
        return CfnService.Builder.create(this, "Records")
                .name(props.discoveryName())
                .namespaceId(namespace.getNamespaceId())
                .description("The tasks of the model-serving service")
                .dnsConfig(CfnService.DnsConfigProperty.builder()
                        .routingPolicy("MULTIVALUE")
                        .dnsRecords(List.of(record("A"), record("SRV")))
                        .build())
                .healthCheckCustomConfig(CfnService.HealthCheckCustomConfigProperty.builder()
                        .failureThreshold(1)
                        .build())
                .build();
    }

    private static CfnService.DnsRecordProperty record(String type) {
        return CfnService.DnsRecordProperty.builder()
                .type(type)
                .ttl(DNS_TTL_SECONDS)
                .build();
    }

    private FargateService newService(FargateTaskDefinition definition) {
        FargateService made = FargateService.Builder.create(this, "Service")
                .cluster(cluster)
                .taskDefinition(definition)
                .platformVersion(FargatePlatformVersion.VERSION1_4)
                .capacityProviderStrategies(capacity())
                .securityGroups(List.of(task.securityGroup()))
                .vpcSubnets(props.network().subnets())
                .assignPublicIp(false)
                .minHealthyPercent(100)
                .maxHealthyPercent(200)
                .availabilityZoneRebalancing(AvailabilityZoneRebalancing.ENABLED)
                .circuitBreaker(
                        DeploymentCircuitBreaker.builder().rollback(true).build())
                .enableExecuteCommand(false)
                .enableEcsManagedTags(true)
                .propagateTags(PropagatedTagSource.SERVICE)
                .build();
        if (!props.deploymentAlarmNames().isEmpty()) {
            made.enableDeploymentAlarms(
                    props.deploymentAlarmNames(),
                    DeploymentAlarmOptions.builder()
                            .behavior(AlarmBehavior.ROLLBACK_ON_ALARM)
                            .build());
        }
        made.associateCloudMapService(AssociateCloudMapServiceOptions.builder()
                .service(discovery)
                .container(definition.getDefaultContainer())
                .containerPort(HTTP_PORT)
                .build());
        return made;
    }

    private List<CapacityProviderStrategy> capacity() {
        CapacityProviderStrategy.Builder fargate =
                CapacityProviderStrategy.builder().capacityProvider("FARGATE").base(props.minReplicas());
        if (!props.spot()) {
            return List.of(fargate.weight(1).build());
        }
        return List.of(
                fargate.weight(0).build(),
                CapacityProviderStrategy.builder()
                        .capacityProvider("FARGATE_SPOT")
                        .weight(1)
                        .build());
    }

    private void scale() {
        ScalableTaskCount count = service.autoScaleTaskCount(EnableScalingProps.builder()
                .minCapacity(props.minReplicas())
                .maxCapacity(props.maxReplicas())
                .build());
        count.scaleOnCpuUtilization(
                "Cpu",
                CpuUtilizationScalingProps.builder()
                        .targetUtilizationPercent(props.targetCpuPercent())
                        .scaleOutCooldown(Duration.minutes(1))
                        .scaleInCooldown(props.scaleInCooldown())
                        .build());
    }
}
