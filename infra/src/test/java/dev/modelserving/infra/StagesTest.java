package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.Stack;

/** The stages of the repository, and what is said about every stage. */
class StagesTest {
    /** What CloudFormation gives tags under another name, or not at all. */
    private static final List<String> WITHOUT_TAGS = List.of(
            "AWS::ApiGatewayV2::Integration",
            "AWS::ApiGatewayV2::Route",
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            "AWS::EC2::SecurityGroupEgress",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::CloudWatch::Dashboard",
            "AWS::IAM::Policy",
            "AWS::Logs::MetricFilter",
            "AWS::Logs::QueryDefinition",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::Subscription",
            "AWS::SQS::QueuePolicy",
            "AWS::SNS::TopicPolicy");

    @Test
    void devIsSmallAndLeavesNothingBehind() {
        Templates dev = Templates.ofFile("dev");
        JsonNode target = dev.serving().only("AWS::ApplicationAutoScaling::ScalableTarget");
        assertThat(target.path("MinCapacity").intValue()).isEqualTo(1);
        assertThat(target.path("MaxCapacity").intValue()).isEqualTo(2);
        assertThat(dev.all())
                .flatExtracting(template -> template.resources().values())
                .filteredOn(resource -> resource.has("DeletionPolicy"))
                .isNotEmpty()
                .allSatisfy(resource ->
                        assertThat(resource.path("DeletionPolicy").textValue()).isEqualTo("Delete"));
    }

    @Test
    void prodIsInThreeZonesAndKeepsWhatItHolds() {
        Templates prod = Templates.ofFile("prod");
        assertThat(prod.network().resources("AWS::EC2::Subnet")).hasSize(3);
        assertThat(prod.serving().only("AWS::ECS::Service").at("/NetworkConfiguration/AwsvpcConfiguration/Subnets"))
                .hasSize(3);
        assertThat(prod.serving()
                        .only("AWS::ApplicationAutoScaling::ScalableTarget")
                        .path("MinCapacity")
                        .intValue())
                .isEqualTo(3);
        assertThat(prod.data().resources("AWS::KMS::Key")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void everyResourceSaysWhichStageItBelongsTo(String stage) {
        for (StackTemplate template : Templates.ofFile(stage).all()) {
            template.resources().forEach((id, resource) -> {
                if (!WITHOUT_TAGS.contains(StackTemplate.type(resource))) {
                    JsonNode properties = resource.path("Properties");
                    JsonNode tags =
                            properties.has("Replicas") ? properties.at("/Replicas/0/Tags") : properties.path("Tags");
                    assertThat(tags.isObject() ? tags.path("model-serving:stage") : tags)
                            .as("tags of %s in %s", id, template.stack())
                            .matches(found -> found.toString().contains("\"" + stage + "\""));
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void stacksAreNamedByTheirStageAndHaveItsRegion(String stage) {
        List<Stack> stacks = Synthesis.ofFile(stage).whole().getNode().getChildren().stream()
                .filter(Stack.class::isInstance)
                .map(Stack.class::cast)
                .toList();
        assertThat(stacks)
                .extracting(Stack::getStackName)
                .allMatch(name -> name.startsWith("model-serving-" + stage + "-"))
                .doesNotHaveDuplicates();
        assertThat(stacks).extracting(Stack::getRegion).containsOnly("eu-west-1");
    }

    @Test
    void outputsSayHowToCallWhatWasDeployed() {
        Templates templates = Templates.of();
        assertThat(described(templates.serving())).containsOnlyKeys("Url", "ClusterName", "ServiceName", "LogGroup");
        assertThat(described(templates.workflow()))
                .containsOnlyKeys("StateMachineArn", "VerificationLogGroup", "NotStartedQueue");
        assertThat(described(templates.data())).containsOnlyKeys("ArtifactsBucket", "GoldBucket", "RegistryTable");
        assertThat(described(templates.network())).containsOnlyKeys("VpcId");
        assertThat(templates.serving().outputs().at("/Url/Value"))
                .isEqualTo(json("'http://models.model-serving.internal:8080'"));
    }

    private static Map<String, JsonNode> described(StackTemplate template) {
        Map<String, JsonNode> outputs = new TreeMap<>();
        template.outputs().properties().forEach(output -> {
            if (output.getValue().has("Description")) {
                outputs.put(output.getKey(), output.getValue());
            }
        });
        return outputs;
    }
}
