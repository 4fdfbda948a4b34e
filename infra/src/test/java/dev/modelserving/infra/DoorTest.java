package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way in from outside the VPC. */
class DoorTest {
    private final StackTemplate serving =
            Templates.of("door:", "  enabled: true").serving();

    @Test
    void thereIsNoneUnlessItIsWanted() {
        assertThat(Templates.of().all())
                .flatExtracting(StackTemplate::types)
                .noneMatch(type -> type.startsWith("AWS::ApiGateway"));
        assertThat(Templates.of().serving().outputs().has("DoorUrl")).isFalse();
    }

    @Test
    void nobodyEntersWithoutAwsCredentials() {
        assertThat(serving.all("AWS::ApiGatewayV2::Route"))
                .isNotEmpty()
                .allSatisfy(route ->
                        assertThat(route.path("AuthorizationType").textValue()).isEqualTo("AWS_IAM"));
    }

    @Test
    void itOpensToTheServicesCallsAndNoOther() {
        assertThat(serving.all("AWS::ApiGatewayV2::Route"))
                .extracting(route -> route.path("RouteKey").textValue())
                .containsExactlyInAnyOrder(
                        "GET /health",
                        "GET /models",
                        "GET /models/{model_id}",
                        "GET /v1/{proxy+}",
                        "GET /v2",
                        "GET /v2/{proxy+}",
                        "POST /predict/{model_id}",
                        "POST /v1/{proxy+}",
                        "POST /v2/{proxy+}");
    }

    @Test
    void itFindsTasksByTheirRecordsThroughALink() {
        JsonNode integration = serving.only("AWS::ApiGatewayV2::Integration");
        assertThat(integration.path("ConnectionType").textValue()).isEqualTo("VPC_LINK");
        assertThat(integration.path("IntegrationType").textValue()).isEqualTo("HTTP_PROXY");
        assertThat(texts(integration.at("/IntegrationUri/Fn::GetAtt")))
                .containsExactly(serving.id("AWS::ServiceDiscovery::Service", "Service"), "Arn");
    }

    @Test
    void theLinkReachesTheTasksHttpPortAndNothingElse() {
        String link = serving.id("AWS::EC2::SecurityGroup", "DoorLink");
        assertThat(texts(serving.only("AWS::ApiGatewayV2::VpcLink").path("SecurityGroupIds")))
                .singleElement()
                .satisfies(group -> assertThat(group).contains(link));
        List<JsonNode> egress = serving.all("AWS::EC2::SecurityGroupEgress").stream()
                .filter(rule -> rule.path("GroupId").toString().contains(link))
                .toList();
        assertThat(egress).singleElement().satisfies(rule -> {
            assertThat(rule.path("DestinationSecurityGroupId").toString()).contains("ServiceTasks");
            assertThat(rule.path("FromPort").intValue()).isEqualTo(8080);
            assertThat(rule.path("ToPort").intValue()).isEqualTo(8080);
        });
        assertThat(serving.resource("AWS::EC2::SecurityGroup", "DoorLink")
                        .path("Properties")
                        .has("SecurityGroupIngress"))
                .isFalse();
    }

    @Test
    void theLinkIsInTheTasksSubnets() {
        assertThat(serving.only("AWS::ApiGatewayV2::VpcLink").path("SubnetIds"))
                .isEqualTo(serving.only("AWS::ECS::Service").at("/NetworkConfiguration/AwsvpcConfiguration/Subnets"));
    }

    @Test
    void everyCallIsLoggedAsJson() throws Exception {
        JsonNode log = stage(serving).path("AccessLogSettings");
        assertThat(log.path("DestinationArn").toString()).contains(serving.id("AWS::Logs::LogGroup", "DoorAccessLog"));
        String line = log.path("Format")
                .textValue()
                .replaceAll("\"\\$[^\"]*\"", "\"text\"")
                .replaceAll("\\$context\\.[a-zA-Z.]+", "1");
        assertThat(StackTemplate.JSON.readTree(line).fieldNames())
                .toIterable()
                .contains("request_id", "caller", "route", "status", "duration_ms", "error");
    }

    @Test
    void callsBeyondTheRateAreRefused() {
        StackTemplate slow = Templates.of("door:", "  enabled: true", "  requestsPerSecond: 7")
                .serving();
        assertThat(stage(serving)
                        .at("/DefaultRouteSettings/ThrottlingRateLimit")
                        .intValue())
                .isEqualTo(100);
        assertThat(stage(slow).at("/DefaultRouteSettings/ThrottlingRateLimit").intValue())
                .isEqualTo(7);
        assertThat(stage(slow).at("/DefaultRouteSettings/ThrottlingBurstLimit").intValue())
                .isEqualTo(14);
    }

    @Test
    void itSaysHowToCallAndWhatItCannotDo() {
        JsonNode output = serving.outputs().path("DoorUrl");
        assertThat(output.path("Description").textValue()).contains("SigV4", "30 s", "10 MB", "no gRPC");
        assertThat(output.path("Value").toString()).contains("execute-api");
    }

    @Test
    void pathsAreNotPrefixed() {
        assertThat(stage(serving).path("StageName").textValue()).isEqualTo("$default");
        assertThat(stage(serving).path("AutoDeploy").booleanValue()).isTrue();
    }

    private static JsonNode stage(StackTemplate serving) {
        return serving.only("AWS::ApiGatewayV2::Stage");
    }
}
