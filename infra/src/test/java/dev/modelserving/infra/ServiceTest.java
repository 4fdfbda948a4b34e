package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** How tasks come, go and are replaced. */
class ServiceTest {
    private final StackTemplate serving = Templates.of().serving();
    private final JsonNode service = serving.only("AWS::ECS::Service");

    @Test
    void aDeploymentThatFailsIsRolledBack() {
        assertThat(service.at("/DeploymentConfiguration/DeploymentCircuitBreaker"))
                .isEqualTo(json("{'Enable':true,'Rollback':true}"));
    }

    @Test
    void aDeploymentNeverRunsWithFewerTasksThanBefore() {
        assertThat(service.at("/DeploymentConfiguration/MinimumHealthyPercent").intValue())
                .isEqualTo(100);
        assertThat(service.at("/DeploymentConfiguration/MaximumPercent").intValue())
                .isEqualTo(200);
    }

    @Test
    void deploymentsAreRolling() {
        assertThat(service.at("/DeploymentController").isMissingNode()).isTrue();
        assertThat(service.at("/DeploymentConfiguration/Strategy").isMissingNode())
                .isTrue();
    }

    @Test
    void tasksAreSpreadOverZonesAgainAfterOneWasLost() {
        assertThat(service.path("AvailabilityZoneRebalancing").textValue()).isEqualTo("ENABLED");
    }

    @Test
    void nobodyCanOpenAShellInATask() {
        assertThat(service.path("EnableExecuteCommand").booleanValue()).isFalse();
    }

    @Test
    void tasksHaveNoPublicAddress() {
        assertThat(service.at("/NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp")
                        .textValue())
                .isEqualTo("DISABLED");
    }

    @Test
    void tasksAreOnlyInTheirOwnSecurityGroup() {
        assertThat(service.at("/NetworkConfiguration/AwsvpcConfiguration/SecurityGroups"))
                .isEqualTo(json("[{'Fn::GetAtt':['%s','GroupId']}]"
                        .formatted(serving.id("AWS::EC2::SecurityGroup", "ServiceTasks"))));
    }

    @Test
    void everythingRunsOnFargateUnlessSpotIsWanted() {
        assertThat(service.path("CapacityProviderStrategy"))
                .isEqualTo(json("[{'Base':2,'CapacityProvider':'FARGATE','Weight':1}]"));
        assertThat(service.has("LaunchType")).isFalse();
    }

    @Test
    void theLeastNumberOfReplicasRunsOnFargateAndTheRestOnSpot() {
        assertThat(spot().path("CapacityProviderStrategy")).isEqualTo(json("""
                [{'Base':3,'CapacityProvider':'FARGATE','Weight':0},
                 {'CapacityProvider':'FARGATE_SPOT','Weight':1}]"""));
    }

    @Test
    void theClusterHasItsCapacityProvidersFromTheStart() {
        // As a resource of its own, CloudFormation would make them beside the service, and remove them before it.
        assertThat(texts(serving.only("AWS::ECS::Cluster").path("CapacityProviders")))
                .containsExactly("FARGATE", "FARGATE_SPOT");
        assertThat(serving.types()).doesNotContain("AWS::ECS::ClusterCapacityProviderAssociations");
    }

    @Test
    void theClusterTellsHowEachTaskFares() {
        assertThat(serving.only("AWS::ECS::Cluster").path("ClusterSettings"))
                .isEqualTo(json("[{'Name':'containerInsights','Value':'enhanced'}]"));
    }

    @Test
    void aDeploymentDoesNotUndoWhatScalingDid() {
        assertThat(service.has("DesiredCount")).isFalse();
    }

    @Test
    void replicasStayWithinTheSettings() {
        JsonNode target = serving.only("AWS::ApplicationAutoScaling::ScalableTarget");
        assertThat(target.path("MinCapacity").intValue()).isEqualTo(2);
        assertThat(target.path("MaxCapacity").intValue()).isEqualTo(4);
        assertThat(target.path("ScalableDimension").textValue()).isEqualTo("ecs:service:DesiredCount");
    }

    @Test
    void tasksAreAddedAtSixtyPercentCpuAndTakenAwaySlowly() {
        JsonNode policy = serving.only("AWS::ApplicationAutoScaling::ScalingPolicy")
                .path("TargetTrackingScalingPolicyConfiguration");
        assertThat(policy.path("TargetValue").intValue()).isEqualTo(60);
        assertThat(policy.at("/PredefinedMetricSpecification/PredefinedMetricType")
                        .textValue())
                .isEqualTo("ECSServiceAverageCPUUtilization");
        assertThat(policy.path("ScaleOutCooldown").intValue()).isEqualTo(60);
        // Longer than the start period, in which all models are loaded.
        assertThat(policy.path("ScaleInCooldown").intValue())
                .isEqualTo(600)
                .isGreaterThan(serving.only("AWS::ECS::TaskDefinition")
                        .at("/ContainerDefinitions/0/HealthCheck/StartPeriod")
                        .intValue());
    }

    @Test
    void theImageIsNamedByItsDigest() {
        String digest = "sha256:" + "0123456789abcdef".repeat(4);
        JsonNode image = Templates.of("service:", "  image:", "    repository: ml/serving", "    digest: " + digest)
                .serving()
                .only("AWS::ECS::TaskDefinition")
                .at("/ContainerDefinitions/0/Image");
        assertThat(image.toString()).contains("/ml/serving@" + digest);
    }

    @Test
    void anImageThatIsBuiltIsNamedByItsContent() {
        assertThat(serving.only("AWS::ECS::TaskDefinition")
                        .at("/ContainerDefinitions/0/Image/Fn::Sub")
                        .textValue())
                .matches(".*:[0-9a-f]{64}");
    }

    private static JsonNode spot() {
        return Templates.of("service:", "  spot: true", "  minReplicas: 3")
                .serving()
                .only("AWS::ECS::Service");
    }
}
