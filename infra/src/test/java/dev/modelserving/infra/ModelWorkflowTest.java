package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The state machine around its definition. */
class ModelWorkflowTest {
    private static final String KEY = "data: {encryption: customer-key}";

    private final StackTemplate workflow = Templates.of().workflow();
    private final JsonNode machine = workflow.only("AWS::StepFunctions::StateMachine");

    @Test
    void itIsAStandardStateMachineOfAKnownName() {
        assertThat(machine.path("StateMachineType").textValue()).isEqualTo("STANDARD");
        assertThat(machine.path("StateMachineName").textValue()).isEqualTo("model-serving-test-workflow");
    }

    @Test
    void itsDefinitionIsTheFileOfTheRepository() throws IOException {
        assertThat(machine.path("DefinitionString").textValue())
                .isEqualTo(Files.readString(Path.of("..", "statemachine", "ml-workflow.asl.json")));
    }

    @Test
    void timesAreWhatTheSettingsSay() {
        JsonNode values = Templates.of("workflow: {verifyWithin: 45m, serveWithin: 90s, retryDelay: 0s}")
                .workflow()
                .only("AWS::StepFunctions::StateMachine")
                .path("DefinitionSubstitutions");
        assertThat(values.path("VerifyWithinSeconds").textValue()).isEqualTo("2700");
        assertThat(values.path("ServeWithinSeconds").textValue()).isEqualTo("90");
        assertThat(values.path("RetryDelaySeconds").textValue()).isEqualTo("0");
        assertThat(values.path("PollSeconds").textValue()).isEqualTo("5");
    }

    @Test
    void itRunsTheTaskWhereTheServiceRuns() {
        JsonNode values = machine.path("DefinitionSubstitutions");
        JsonNode service = Templates.of().serving().only("AWS::ECS::Service");
        assertThat(values.at("/ClusterArn/Fn::ImportValue").textValue()).contains("ServiceCluster");
        assertThat(values.at("/TaskDefinitionArn/Ref").textValue())
                .isEqualTo(workflow.id("AWS::ECS::TaskDefinition", "PipelineTask"));
        assertThat(values.path("ContainerName"))
                .isEqualTo(workflow.only("AWS::ECS::TaskDefinition").at("/ContainerDefinitions/0/Name"));
        assertThat(values.at("/SecurityGroupId/Fn::GetAtt/0").textValue())
                .isEqualTo(workflow.id("AWS::EC2::SecurityGroup", "PipelineTasks"));
        List<JsonNode> subnets = values.at("/SubnetIds/Fn::Join/1")
                .valueStream()
                .filter(JsonNode::isObject)
                .toList();
        assertThat(subnets)
                .isNotEmpty()
                .containsExactlyElementsOf(service.at("/NetworkConfiguration/AwsvpcConfiguration/Subnets")
                        .valueStream()
                        .toList());
    }

    @Test
    void subnetsOfAPlatformAreTheOnesOfTheSettings() {
        JsonNode values = Templates.of("""
                        network:
                          kind: existing
                          existing:
                            vpcId: vpc-0123456789abcdef0
                            availabilityZones: [eu-west-1a, eu-west-1b]
                            subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]""")
                .workflow()
                .only("AWS::StepFunctions::StateMachine")
                .path("DefinitionSubstitutions");
        assertThat(values.path("SubnetIds").textValue()).isEqualTo("subnet-0123456789abcdef0,subnet-0123456789abcdef1");
    }

    @Test
    void everyStepIsLoggedWithoutWhatItHeldAndTraced() {
        assertThat(machine.at("/LoggingConfiguration/Level").textValue()).isEqualTo("ALL");
        assertThat(machine.at("/LoggingConfiguration/IncludeExecutionData").booleanValue())
                .isFalse();
        assertThat(machine.at("/TracingConfiguration/Enabled").booleanValue()).isTrue();
        assertThat(machine.at("/LoggingConfiguration/Destinations").findValuesAsText("Fn::GetAtt"))
                .hasSize(1);
        assertThat(workflow.resource("AWS::Logs::LogGroup", "WorkflowLog").at("/Properties/LogGroupName"))
                .isEqualTo(json("'/aws/vendedlogs/states/model-serving-test-workflow'"));
    }

    @Test
    void theRightToLogIsThereBeforeTheStateMachine() {
        assertThat(texts(workflow.resource("AWS::StepFunctions::StateMachine", "WorkflowMachine")
                        .path("DependsOn")))
                .contains(workflow.id("AWS::IAM::Policy", "WorkflowRoleDefaultPolicy"));
    }

    @Test
    void withoutAKeyOfTheStageAwsHoldsTheKey() {
        assertThat(machine.has("EncryptionConfiguration")).isFalse();
    }

    @Test
    void withAKeyOfTheStageItIsEncryptedByThat() {
        Templates encrypted = Templates.of(KEY);
        JsonNode configuration =
                encrypted.workflow().only("AWS::StepFunctions::StateMachine").path("EncryptionConfiguration");
        assertThat(configuration.path("Type").textValue()).isEqualTo("CUSTOMER_MANAGED_KMS_KEY");
        assertThat(configuration.path("KmsKeyId").toString()).contains("GetAttKey");
        assertThat(encrypted.data().only("AWS::KMS::Key").at("/KeyPolicy/Statement"))
                .filteredOn(
                        statement -> texts(statement.at("/Principal/Service")).contains("delivery.logs.amazonaws.com"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.path("Condition").toString())
                        .contains("kms:EncryptionContext:SourceArn", "arn:aws:logs:eu-west-1:", "AWS::AccountId"));
    }

    @Test
    void theKeyIsUsedForThisStateMachineOnly() {
        StackTemplate encrypted = Templates.of(KEY).workflow();
        for (String role : List.of("WorkflowRole", "OnManifestRole")) {
            assertThat(encrypted.statements(encrypted.id("AWS::IAM::Role", role)))
                    .filteredOn(statement -> texts(statement.path("Action")).contains("kms:GenerateDataKey")
                            && texts(statement.path("Action")).contains("kms:Decrypt"))
                    .as(role)
                    .singleElement()
                    .satisfies(
                            statement -> assertThat(statement.path("Condition").toString())
                                    .contains(
                                            "kms:EncryptionContext:aws:states:stateMachineArn",
                                            ":stateMachine:model-serving-test-workflow"));
        }
    }

    @Test
    void onlyStepFunctionsForThisStateMachineTakesTheRole() {
        JsonNode trust = workflow.resource("AWS::IAM::Role", "WorkflowRole")
                .at("/Properties/AssumeRolePolicyDocument/Statement");
        assertThat(trust).hasSize(1);
        assertThat(trust.at("/0/Principal/Service").textValue()).isEqualTo("states.amazonaws.com");
        assertThat(trust.at("/0/Condition/ArnEquals/aws:SourceArn").toString())
                .contains(":stateMachine:model-serving-test-workflow");
        assertThat(trust.at("/0/Condition/StringEquals/aws:SourceAccount/Ref").textValue())
                .isEqualTo("AWS::AccountId");
    }

    @Test
    void aStageWithoutAWorkflowHasNothingOfIt() {
        Templates without = Templates.of("workflow: {enabled: false}");
        assertThat(without.byStack().keySet()).noneMatch(name -> name.endsWith("-workflow"));
        assertThat(without.all().stream()
                        .map(template -> template.json().toString())
                        .collect(Collectors.joining()))
                .doesNotContain("AWS/States", "StepFunctions");
    }
}
