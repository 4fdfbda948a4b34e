package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The network that tasks run in, of each kind. */
class NetworkTest {
    private static final String[] EXISTING = {
        "network:",
        "  kind: existing",
        "  existing:",
        "    vpcId: vpc-0123456789abcdef0",
        "    availabilityZones: [eu-west-1a, eu-west-1b]",
        "    subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]",
        "    endpointSecurityGroups: [sg-0123456789abcdef0]"
    };

    private final StackTemplate isolated = Templates.of().network();
    private final StackTemplate nat = nat(2, 1);

    @Test
    void anIsolatedNetworkHasNoRouteToTheInternet() {
        assertThat(isolated.types())
                .doesNotContain(
                        "AWS::EC2::InternetGateway",
                        "AWS::EC2::EgressOnlyInternetGateway",
                        "AWS::EC2::VPCGatewayAttachment",
                        "AWS::EC2::NatGateway",
                        "AWS::EC2::EIP",
                        "AWS::EC2::TransitGatewayAttachment",
                        "AWS::EC2::Route");
    }

    @Test
    void anIsolatedNetworkReachesS3AndDynamoDbThroughItsRoutes() {
        List<JsonNode> gateways = endpoints(isolated, "Gateway");
        assertThat(gateways).hasSize(2);
        assertThat(gateways)
                .extracting(endpoint -> endpoint.path("ServiceName").toString())
                .satisfiesExactlyInAnyOrder(
                        name -> assertThat(name).contains(".s3"),
                        name -> assertThat(name).contains(".dynamodb"));
        int routeTables = isolated.resources("AWS::EC2::RouteTable").size();
        assertThat(gateways)
                .allSatisfy(
                        endpoint -> assertThat(endpoint.path("RouteTableIds")).hasSize(routeTables));
    }

    @Test
    void anIsolatedNetworkReachesImagesAndLogsThroughInterfaces() {
        List<JsonNode> interfaces = endpoints(isolated, "Interface");
        assertThat(interfaces)
                .extracting(endpoint -> endpoint.path("ServiceName").textValue())
                .containsExactlyInAnyOrder(
                        "com.amazonaws.eu-west-1.ecr.api",
                        "com.amazonaws.eu-west-1.ecr.dkr",
                        "com.amazonaws.eu-west-1.logs");
        assertThat(interfaces).allSatisfy(endpoint -> {
            assertThat(endpoint.path("PrivateDnsEnabled").booleanValue()).isTrue();
            assertThat(endpoint.path("SubnetIds")).hasSize(2);
            assertThat(endpoint.path("SecurityGroupIds").toString()).contains("NetworkEndpoints");
        });
    }

    @Test
    void onlyTasksReachTheInterfaces() {
        JsonNode group = isolated.resource("AWS::EC2::SecurityGroup", "NetworkEndpoints");
        assertThat(group.at("/Properties/SecurityGroupIngress").isMissingNode()).isTrue();
        assertThat(isolated.types()).doesNotContain("AWS::EC2::SecurityGroupIngress");
        JsonNode rule = Templates.of().serving().only("AWS::EC2::SecurityGroupIngress");
        assertThat(rule.path("SourceSecurityGroupId").toString()).contains("ServiceTasks");
        assertThat(rule.path("GroupId").toString()).contains("NetworkEndpoints");
        assertThat(rule.path("FromPort").intValue()).isEqualTo(443);
        assertThat(rule.path("ToPort").intValue()).isEqualTo(443);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void anIsolatedNetworkHasASubnetInEachZone(int zones) {
        StackTemplate network =
                Templates.of("network:", "  availabilityZones: " + zones).network();
        assertThat(network.all("AWS::EC2::Subnet"))
                .extracting(subnet -> subnet.path("AvailabilityZone").toString())
                .hasSize(zones)
                .doesNotHaveDuplicates();
    }

    @Test
    void aKnownAccountIsNotAskedForItsZones() {
        Synthesis known = Synthesis.of("""
                region: eu-west-1
                account: "123456789012"
                network:
                  availabilityZones: 3
                """);
        assertThat(known.whole().synth().getManifest().getMissing()).isNull();
        assertThat(Templates.of(known.whole()).network().all("AWS::EC2::Subnet"))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aNetworkWithNatHasAsManyGatewaysAsWanted(int gateways) {
        StackTemplate network = nat(3, gateways);
        assertThat(network.resources("AWS::EC2::NatGateway")).hasSize(gateways);
        assertThat(network.resources("AWS::EC2::InternetGateway")).hasSize(1);
        assertThat(network.resources("AWS::EC2::Subnet")).hasSize(6);
    }

    @Test
    void tasksBehindNatAreInSubnetsWithoutPublicAddresses() {
        assertThat(nat.all("AWS::EC2::Subnet"))
                .allSatisfy(
                        subnet -> assertThat(subnet.path("MapPublicIpOnLaunch").booleanValue())
                                .isFalse());
        StackTemplate serving = Templates.of("network:", "  kind: nat").serving();
        assertThat(texts(serving.only("AWS::ECS::Service").at("/NetworkConfiguration/AwsvpcConfiguration/Subnets")))
                .hasSize(2)
                .allSatisfy(subnet -> assertThat(subnet).contains("tasksSubnet"));
    }

    @Test
    void behindNatS3AndDynamoDbStillHaveTheirOwnWay() {
        assertThat(endpoints(nat, "Gateway")).hasSize(2);
        assertThat(endpoints(nat, "Interface")).isEmpty();
    }

    @Test
    void aNetworkHasTheAddressesThatTheSettingsSay() {
        assertThat(Templates.of("network:", "  cidr: 192.168.4.0/22")
                        .network()
                        .only("AWS::EC2::VPC")
                        .path("CidrBlock")
                        .textValue())
                .isEqualTo("192.168.4.0/22");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.40.0.0/16", "10.40.0.0/20", "10.40.0.0/24"})
    void threeZonesWithNatFitIntoEverySizeThatIsTaken(String cidr) {
        StackTemplate network = Templates.of("network:", "  kind: nat", "  availabilityZones: 3", "  cidr: " + cidr)
                .network();
        assertThat(network.resources("AWS::EC2::Subnet")).hasSize(6);
    }

    @Test
    void flowLogsAreKeptUnlessTheyAreTurnedOff() {
        JsonNode flowLog = isolated.only("AWS::EC2::FlowLog");
        assertThat(flowLog.path("TrafficType").textValue()).isEqualTo("ALL");
        assertThat(flowLog.path("LogGroupName").toString()).contains("FlowLogs");
        StackTemplate without = Templates.of("network:", "  flowLogs: false").network();
        assertThat(without.types()).doesNotContain("AWS::EC2::FlowLog", "AWS::Logs::LogGroup");
    }

    @Test
    void anExistingNetworkIsOnlyReferredTo() {
        Templates existing = Templates.of(EXISTING);
        assertThat(existing.hasNetwork()).isFalse();
        assertThat(existing.all())
                .flatExtracting(StackTemplate::types)
                .filteredOn(type -> type.startsWith("AWS::EC2::"))
                .containsOnly("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress");
        StackTemplate serving = existing.serving();
        assertThat(serving.only("AWS::EC2::SecurityGroup").path("VpcId").textValue())
                .isEqualTo("vpc-0123456789abcdef0");
        assertThat(serving.only("AWS::ServiceDiscovery::PrivateDnsNamespace")
                        .path("Vpc")
                        .textValue())
                .isEqualTo("vpc-0123456789abcdef0");
        assertThat(texts(serving.only("AWS::ECS::Service").at("/NetworkConfiguration/AwsvpcConfiguration/Subnets")))
                .containsExactly("subnet-0123456789abcdef0", "subnet-0123456789abcdef1");
    }

    private static StackTemplate nat(int zones, int gateways) {
        return Templates.of("network:", "  kind: nat", "  availabilityZones: " + zones, "  natGateways: " + gateways)
                .network();
    }

    private static List<JsonNode> endpoints(StackTemplate network, String type) {
        return network.all("AWS::EC2::VPCEndpoint").stream()
                .filter(endpoint -> endpoint.path("VpcEndpointType").textValue().equals(type))
                .toList();
    }
}
