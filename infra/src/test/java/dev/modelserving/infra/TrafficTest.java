package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may call tasks, and whom tasks may call. */
class TrafficTest {
    @Test
    void nobodyMayCallTasksByDefault() {
        assertThat(ingress(Templates.of().serving())).isEmpty();
    }

    @Test
    void aBlockOfAddressesMayCallBothPorts() {
        assertThat(ingress(allowing("10.1.0.0/16")))
                .containsExactlyInAnyOrder("10.1.0.0/16 tcp 8080-8080", "10.1.0.0/16 tcp 8081-8081");
    }

    @Test
    void aSecurityGroupMayCallBothPorts() {
        assertThat(ingress(allowing("sg-0123456789abcdef0")))
                .containsExactlyInAnyOrder("sg-0123456789abcdef0 tcp 8080-8080", "sg-0123456789abcdef0 tcp 8081-8081");
    }

    @Test
    void aPrefixListMayCallBothPorts() {
        assertThat(ingress(allowing("pl-0123456789abcdef0")))
                .containsExactlyInAnyOrder("pl-0123456789abcdef0 tcp 8080-8080", "pl-0123456789abcdef0 tcp 8081-8081");
    }

    @Test
    void severalMayCallAndNobodyElse() {
        assertThat(ingress(allowing("10.1.0.0/16, sg-0123456789abcdef0, pl-0123456789abcdef0")))
                .hasSize(6);
    }

    @Test
    void aSecurityGroupThatMayCallIsNotChanged() {
        assertThat(allowing("sg-0123456789abcdef0").all("AWS::EC2::SecurityGroupEgress"))
                .allSatisfy(rule -> assertThat(rule.path("GroupId").toString()).contains("ServiceTasks"));
    }

    @Test
    void theDoorMayCallHttpAndNothingElse() {
        assertThat(ingress(Templates.of("door:", "  enabled: true").serving()))
                .containsExactly("DoorLink tcp 8080-8080");
    }

    @Test
    void tasksCallNothingButS3DynamoDbAndTheEndpoints() {
        assertThat(egress(Templates.of().serving()))
                .containsExactlyInAnyOrder(
                        "PrefixLists/s3 tcp 443-443",
                        "PrefixLists/dynamodb tcp 443-443",
                        "NetworkEndpoints tcp 443-443");
    }

    @Test
    void behindNatTasksCallAnybodyByHttpsBecauseEcrAndLogsHaveNoPrefixList() {
        assertThat(egress(Templates.of("network:", "  kind: nat").serving()))
                .containsExactlyInAnyOrder(
                        "PrefixLists/s3 tcp 443-443", "PrefixLists/dynamodb tcp 443-443", "0.0.0.0/0 tcp 443-443");
    }

    @Test
    void inAnExistingNetworkTasksCallTheEndpointsThatAreThere() {
        assertThat(egress(existing("[sg-0123456789abcdef0, sg-0123456789abcdef1]")))
                .containsExactlyInAnyOrder(
                        "PrefixLists/s3 tcp 443-443",
                        "PrefixLists/dynamodb tcp 443-443",
                        "sg-0123456789abcdef0 tcp 443-443",
                        "sg-0123456789abcdef1 tcp 443-443");
    }

    @Test
    void inAnExistingNetworkWithoutEndpointsTasksCallAnybodyByHttps() {
        assertThat(egress(existing("[]"))).contains("0.0.0.0/0 tcp 443-443").hasSize(3);
    }

    @Test
    void theRegionsPrefixListsAreKnown() {
        assertThat(Templates.of().serving().json().at("/Mappings/PrefixLists/eu-west-1"))
                .isEqualTo(StackTemplate.json("{'dynamodb':'pl-6fa54006','s3':'pl-6da54004'}"));
    }

    @Test
    void prefixListsOfTheSettingsAreTakenInsteadOfTheKnownOnes() {
        StackTemplate serving = Templates.of(
                        "network:", "  prefixLists:", "    s3: pl-11111111", "    dynamoDb: pl-22222222")
                .serving();
        assertThat(egress(serving)).contains("pl-11111111 tcp 443-443", "pl-22222222 tcp 443-443");
        assertThat(serving.json().path("Mappings").isMissingNode()).isTrue();
    }

    @Test
    void noSecurityGroupLetsEverythingOutOrAnybodyIn() {
        for (String kind : List.of("isolated", "nat")) {
            Templates templates = Templates.of("network:", "  kind: " + kind, "door:", "  enabled: true");
            assertThat(templates.all())
                    .flatExtracting(template -> template.all("AWS::EC2::SecurityGroup"))
                    .allSatisfy(group -> {
                        assertThat(group.path("SecurityGroupEgress").findValuesAsText("IpProtocol"))
                                .doesNotContain("-1");
                        assertThat(group.path("SecurityGroupIngress").isMissingNode())
                                .isTrue();
                    });
        }
    }

    private static StackTemplate allowing(String callers) {
        return Templates.of("service:", "  allowFrom: [" + callers + "]").serving();
    }

    private static StackTemplate existing(String endpoints) {
        return Templates.of(
                        "network:",
                        "  kind: existing",
                        "  existing:",
                        "    vpcId: vpc-0123456789abcdef0",
                        "    availabilityZones: [eu-west-1a]",
                        "    subnetIds: [subnet-0123456789abcdef0]",
                        "    endpointSecurityGroups: " + endpoints)
                .serving();
    }

    /** Of the tasks' group: who and which ports. */
    private static List<String> ingress(StackTemplate serving) {
        List<String> rules = new ArrayList<>();
        tasks(serving).path("SecurityGroupIngress").forEach(rule -> rules.add(rule(rule, "Cidr", "Source")));
        rules(serving, "AWS::EC2::SecurityGroupIngress").forEach(rule -> rules.add(rule(rule, "Cidr", "Source")));
        return rules;
    }

    private static List<String> egress(StackTemplate serving) {
        List<String> rules = new ArrayList<>();
        tasks(serving).path("SecurityGroupEgress").forEach(rule -> rules.add(rule(rule, "Cidr", "Destination")));
        rules(serving, "AWS::EC2::SecurityGroupEgress").forEach(rule -> rules.add(rule(rule, "Cidr", "Destination")));
        // What CDK writes for "nothing": CloudFormation would let everything out of a group without a rule.
        rules.remove("255.255.255.255/32 icmp 252-86");
        return rules;
    }

    private static JsonNode tasks(StackTemplate serving) {
        return serving.resource("AWS::EC2::SecurityGroup", "ServiceTasks").path("Properties");
    }

    private static Stream<JsonNode> rules(StackTemplate serving, String type) {
        return serving.all(type).stream()
                .filter(rule -> rule.path("GroupId").toString().contains("ServiceTasks"));
    }

    private static String rule(JsonNode rule, String cidr, String direction) {
        String peer = Stream.of(cidr + "Ip", direction + "PrefixListId", direction + "SecurityGroupId")
                .map(rule::path)
                .filter(value -> !value.isMissingNode())
                .map(TrafficTest::peer)
                .findFirst()
                .orElseThrow();
        return "%s %s %d-%d"
                .formatted(
                        peer,
                        rule.path("IpProtocol").textValue(),
                        rule.path("FromPort").intValue(),
                        rule.path("ToPort").intValue());
    }

    private static String peer(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        if (value.has("Fn::FindInMap")) {
            List<String> path = texts(value.path("Fn::FindInMap"));
            return path.get(0) + "/" + path.get(2);
        }
        String text = value.toString();
        return text.contains("NetworkEndpoints") ? "NetworkEndpoints" : text.contains("DoorLink") ? "DoorLink" : text;
    }
}
