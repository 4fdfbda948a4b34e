package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The task that verifies: the service's image, alone, with a role and a way out of its own. */
class PipelineTaskTest {
    private static final String FROM_THE_REGISTRY =
            "service: {image: {repository: ml/serving, digest: 'sha256:" + "0".repeat(64) + "'}}";

    private final StackTemplate workflow = Templates.of().workflow();
    private final JsonNode task = workflow.only("AWS::ECS::TaskDefinition");
    private final JsonNode container = task.at("/ContainerDefinitions/0");

    @Test
    void itIsOneContainerForARunOfATaskIsOverOnlyWhenAllItsContainersHaveEnded() {
        assertThat(task.path("ContainerDefinitions")).hasSize(1);
        assertThat(container.path("Essential").booleanValue()).isTrue();
    }

    @Test
    void nobodyCallsIt() {
        assertThat(container.has("PortMappings")).isFalse();
        assertThat(container.has("HealthCheck")).isFalse();
        assertThat(workflow.resources("AWS::EC2::SecurityGroupIngress").values())
                .allSatisfy(rule -> assertThat(rule.at("/Properties/GroupId").toString())
                        .as("ingress of others")
                        .contains("Fn::ImportValue"));
        assertThat(group().has("SecurityGroupIngress")).isFalse();
    }

    @Test
    void itRunsAsTheServiceDoesInAllThatIsNotItsMode() {
        JsonNode service = Templates.of().serving().only("AWS::ECS::TaskDefinition");
        JsonNode serving = service.at("/ContainerDefinitions/0");
        for (String same : List.of("Command", "User", "ReadonlyRootFilesystem", "LinuxParameters", "MountPoints")) {
            assertThat(container.path(same)).as(same).isEqualTo(serving.path(same));
        }
        for (String same : List.of("Cpu", "Memory", "EphemeralStorage", "RuntimePlatform", "Volumes", "NetworkMode")) {
            assertThat(task.path(same)).as(same).isEqualTo(service.path(same));
        }
    }

    @Test
    void itVerifiesAndKnowsBucketsAndTable() {
        Map<String, String> environment = environment(container);
        assertThat(environment.keySet())
                .containsExactly(
                        "ARTIFACTS_BUCKET",
                        "EXECUTION_MODE",
                        "GOLD_BUCKET",
                        "LOG_FORMAT",
                        "MODEL_CACHE_DIR",
                        "MODEL_REGISTRY_TABLE");
        Map<String, String> serving = environment(
                Templates.of().serving().only("AWS::ECS::TaskDefinition").at("/ContainerDefinitions/0"));
        assertThat(environment).containsEntry("EXECUTION_MODE", "step-functions");
        environment.remove("EXECUTION_MODE");
        assertThat(serving).containsAllEntriesOf(environment);
    }

    @Test
    void variablesOfTheServiceReachItToo() {
        JsonNode with = Templates.of("service: {environment: {INFERENCE_THREADS: '3'}}")
                .workflow()
                .only("AWS::ECS::TaskDefinition");
        assertThat(environment(with.at("/ContainerDefinitions/0"))).containsEntry("INFERENCE_THREADS", "3");
    }

    @Test
    void itsSizeIsTheServicesUnlessTheSettingsGiveItItsOwn() {
        JsonNode own = Templates.of("workflow: {cpu: 4096, memory: 16384, ephemeralStorage: 99}")
                .workflow()
                .only("AWS::ECS::TaskDefinition");
        assertThat(own.path("Cpu").textValue()).isEqualTo("4096");
        assertThat(own.path("Memory").textValue()).isEqualTo("16384");
        assertThat(own.at("/EphemeralStorage/SizeInGiB").intValue()).isEqualTo(99);
        assertThat(texts(own.at("/ContainerDefinitions/0/Command")))
                .contains("-XX:ActiveProcessorCount=4", "-Xmx4096m");
    }

    @Test
    void itWritesToALogOfItsOwn() {
        String log = workflow.id("AWS::Logs::LogGroup", "PipelineLog");
        assertThat(container.at("/LogConfiguration/Options/awslogs-group/Ref").textValue())
                .isEqualTo(log);
    }

    @Test
    void theImageIsTheServicesOwnAndBuiltOnce() {
        String image = container.path("Image").toString();
        assertThat(image).contains("container-assets");
        assertThat(image)
                .isEqualTo(Templates.of()
                        .serving()
                        .only("AWS::ECS::TaskDefinition")
                        .at("/ContainerDefinitions/0/Image")
                        .toString());
    }

    @Test
    void anImageOfTheSettingsIsUsedByBoth() {
        Templates templates = Templates.of(FROM_THE_REGISTRY);
        assertThat(templates.workflow().only("AWS::ECS::TaskDefinition").at("/ContainerDefinitions/0/Image"))
                .isEqualTo(templates.serving().only("AWS::ECS::TaskDefinition").at("/ContainerDefinitions/0/Image"));
    }

    @Test
    void itsWayOutLeadsToWhatItCallsAndNowhereElse() {
        assertThat(group().has("SecurityGroupEgress")).isFalse();
        assertThat(workflow.all("AWS::EC2::SecurityGroupEgress"))
                .hasSize(3)
                .allSatisfy(rule -> {
                    assertThat(rule.path("ToPort").intValue()).isEqualTo(443);
                    assertThat(rule.has("CidrIp")).isFalse();
                })
                .extracting(rule -> rule.path("Description").textValue())
                .containsExactlyInAnyOrder("to S3", "to DynamoDB", "to the endpoints of ECR and CloudWatch Logs");
    }

    @Test
    void itsRoleReadsModelsAndWritesVerdictsAndVersionsOnly() {
        List<JsonNode> statements = workflow.statements(workflow.id("AWS::IAM::Role", "PipelineRole"));
        assertThat(statements)
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactlyInAnyOrder(
                        "dynamodb:GetItem",
                        "dynamodb:Query",
                        "dynamodb:Query",
                        "dynamodb:PutItem",
                        "dynamodb:UpdateItem",
                        "s3:GetObject",
                        "s3:GetObjectVersion",
                        "s3:ListBucket");
        assertThat(statements)
                .filteredOn(statement -> texts(statement.path("Action")).contains("dynamodb:PutItem"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.path("Condition"))
                        .isEqualTo(json(
                                "{'ForAllValues:StringLike':{'dynamodb:LeadingKeys':['MODEL#*','EXECUTION#*']}}")));
    }

    @Test
    void theServiceHasNoMoreRightsThanWithoutIt() {
        StackTemplate with = Templates.of().serving();
        StackTemplate without = Templates.of("workflow: {enabled: false}").serving();
        assertThat(with.statements(with.id("AWS::IAM::Role", "ServiceRole")))
                .isEqualTo(without.statements(without.id("AWS::IAM::Role", "ServiceRole")));
    }

    private JsonNode group() {
        return workflow.resource("AWS::EC2::SecurityGroup", "PipelineTasks").path("Properties");
    }

    private static Map<String, String> environment(JsonNode container) {
        Map<String, String> environment = new TreeMap<>();
        List<String> names = new ArrayList<>();
        container.path("Environment").forEach(variable -> {
            names.add(variable.path("Name").textValue());
            environment.put(
                    variable.path("Name").textValue(),
                    variable.path("Value").toString().replace("\"", ""));
        });
        assertThat(names).doesNotHaveDuplicates();
        return environment;
    }
}
