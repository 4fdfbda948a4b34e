package dev.modelserving.infra.network;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnMapping;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Connections;
import software.amazon.awscdk.services.ec2.FlowLog;
import software.amazon.awscdk.services.ec2.FlowLogDestination;
import software.amazon.awscdk.services.ec2.FlowLogOptions;
import software.amazon.awscdk.services.ec2.FlowLogTrafficType;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.IpAddresses;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.IRole;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * Where tasks run, and what they reach from there: S3 and DynamoDB through gateway endpoints, the image registry and the
 * logs through interface endpoints (no way out at all, the default) or NAT gateways, and nothing else.
 */
public final class ServingNetwork extends Construct {
    private static final Port HTTPS = Port.tcp(443);

    /** What a task calls beside S3 and DynamoDB: its image comes from ECR, its lines go to CloudWatch Logs. */
    private static final Map<String, InterfaceVpcEndpointAwsService> CALLED = new TreeMap<>(Map.of(
            "EcrApi", InterfaceVpcEndpointAwsService.ECR,
            "EcrDocker", InterfaceVpcEndpointAwsService.ECR_DOCKER,
            "Logs", InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS));

    private final ServingNetworkProps props;
    private final IVpc vpc;
    private final SubnetSelection subnets;
    private final List<ISecurityGroup> endpoints;

    public ServingNetwork(Construct scope, String id, ServingNetworkProps props) {
        super(scope, id);
        this.props = props;
        this.endpoints = new ArrayList<>(props.endpointSecurityGroups());
        if (props.vpc() != null) {
            this.vpc = props.vpc();
            this.subnets = props.subnets() == null
                    ? SubnetSelection.builder()
                            .subnetType(SubnetType.PRIVATE_WITH_EGRESS)
                            .build()
                    : props.subnets();
        } else {
            boolean isolated = props.natGateways() == 0;
            this.subnets = SubnetSelection.builder()
                    .subnetType(isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS)
                    .build();
            this.vpc = newVpc(isolated, props);
            if (isolated) {
                endpoints.add(interfaceEndpoints(vpc));
            }
        }
    }

    public IVpc vpc() {
        return vpc;
    }

    /** The subnets for tasks. */
    public SubnetSelection subnets() {
        return subnets;
    }

    /**
     * Lets tasks call what they need, by HTTPS: S3 and DynamoDB by their prefix lists; ECR and CloudWatch Logs by the
     * security groups of their endpoints, or anywhere where there are none.
     *
     * @param tasks a security group of the same VPC that lets nothing out
     */
    public void allowEgress(SecurityGroup tasks) {
        Connections connections = tasks.getConnections();
        connections.allowTo(Peer.prefixList(prefixList(tasks, "s3")), HTTPS, "to S3");
        connections.allowTo(Peer.prefixList(prefixList(tasks, "dynamodb")), HTTPS, "to DynamoDB");
        if (endpoints.isEmpty()) {
            connections.allowTo(Peer.anyIpv4(), HTTPS, "to ECR and CloudWatch Logs");
        } else {
            endpoints.forEach(
                    group -> connections.allowTo(group, HTTPS, "to the endpoints of ECR and CloudWatch Logs"));
        }
    }

    private Vpc newVpc(boolean isolated, ServingNetworkProps props) {
        List<SubnetConfiguration> layout = new ArrayList<>();
        if (!isolated) {
            layout.add(SubnetConfiguration.builder()
                    .name("public")
                    .subnetType(SubnetType.PUBLIC)
                    .cidrMask(smallest(props))
                    .mapPublicIpOnLaunch(false)
                    .build());
        }
        layout.add(SubnetConfiguration.builder()
                .name("tasks")
                .subnetType(isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS)
                .build());
        Vpc made = Vpc.Builder.create(this, "Vpc")
                .ipAddresses(IpAddresses.cidr(props.cidr()))
                .availabilityZones(zones(props.availabilityZones()))
                .natGateways(props.natGateways())
                .subnetConfiguration(layout)
                .gatewayEndpoints(new TreeMap<>(Map.of(
                        "S3", gateway(GatewayVpcEndpointAwsService.S3),
                        "DynamoDb", gateway(GatewayVpcEndpointAwsService.DYNAMODB))))
                .build();
        if (props.flowLogs() != null) {
            FlowLog flowLog = made.addFlowLog(
                    "FlowLog",
                    FlowLogOptions.builder()
                            .destination(FlowLogDestination.toCloudWatchLogs(props.flowLogs()))
                            .trafficType(FlowLogTrafficType.ALL)
                            .build());
            Findings.acknowledgeGrants((IRole) flowLog.getNode().findChild("IAMRole"));
        }
        acknowledge(made);
        return made;
    }

    /**
     * The first zones of the region. CDK's {@code maxAzs} makes two where the account is not known at synth, and asks the
     * account where it is.
     */
    public static List<String> zones(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> Fn.select(i, Fn.getAzs()))
                .toList();
    }

    private static void acknowledge(Vpc vpc) {
        Findings.acknowledge(
                vpc,
                "No network interface is in the default group: tasks, endpoints and the door's link name their own."
                        + " To empty it takes a function that may change security groups, at every deployment.",
                "NIST.800.53.R5-VPCDefaultSecurityGroupClosed");
        vpc.getPublicSubnets()
                .forEach(subnet -> Findings.acknowledge(
                        subnet.getNode().findChild("DefaultRoute"),
                        "This subnet holds a NAT gateway and nothing else, and that is its way out; tasks are in private"
                                + " subnets and have no public addresses.",
                        "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW"));
    }

    /** Public subnets hold a NAT gateway each and nothing else. */
    private static int smallest(ServingNetworkProps props) {
        return props.cidr().endsWith("/24") ? 28 : 26;
    }

    private ISecurityGroup interfaceEndpoints(IVpc vpc) {
        SecurityGroup group = SecurityGroup.Builder.create(this, "Endpoints")
                .vpc(vpc)
                .description("Interface endpoints of ECR and CloudWatch Logs")
                .allowAllOutbound(false)
                .build();
        CALLED.forEach((name, service) -> vpc.addInterfaceEndpoint(
                name,
                InterfaceVpcEndpointOptions.builder()
                        .service(service)
                        .subnets(subnets)
                        .securityGroups(List.of(group))
                        .privateDnsEnabled(true)
                        .open(false)
                        .build()));
        return group;
    }

    private static GatewayVpcEndpointOptions gateway(GatewayVpcEndpointAwsService service) {
        return GatewayVpcEndpointOptions.builder().service(service).build();
    }

    private String prefixList(SecurityGroup tasks, String service) {
        PrefixLists given = props.prefixLists();
        if (given != null) {
            return service.equals("s3") ? given.s3() : given.dynamoDb();
        }
        return mapping(Stack.of(tasks)).findInMap(Aws.REGION, service);
    }

    /** One in each template that needs it: a template cannot look into another's mapping. */
    private static CfnMapping mapping(Stack stack) {
        IConstruct made = stack.getNode().tryFindChild("PrefixLists");
        if (made != null) {
            return (CfnMapping) made;
        }
        Map<String, Map<String, Object>> regions = new TreeMap<>();
        PrefixLists.known()
                .forEach((region, lists) ->
                        regions.put(region, new TreeMap<>(Map.of("s3", lists.s3(), "dynamodb", lists.dynamoDb()))));
        return CfnMapping.Builder.create(stack, "PrefixLists").mapping(regions).build();
    }
}
