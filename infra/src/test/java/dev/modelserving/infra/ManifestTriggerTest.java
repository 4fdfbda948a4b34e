package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What starts the workflow when a manifest arrives, and what becomes of manifests for which it cannot. */
class ManifestTriggerTest {
    private final StackTemplate workflow = Templates.of().workflow();
    private final JsonNode rule = workflow.only("AWS::Events::Rule");

    @Test
    void aManifestOfAVersionStartsTheWorkflow() {
        assertThat(rule.at("/EventPattern/source")).isEqualTo(json("['aws.s3']"));
        assertThat(rule.at("/EventPattern/detail-type")).isEqualTo(json("['Object Created']"));
        assertThat(rule.at("/EventPattern/detail/object/key"))
                .isEqualTo(json("[{'wildcard':'models/*/*/manifest.json'}]"));
        assertThat(rule.at("/EventPattern/detail/bucket/name").toString()).contains("LakeArtifacts");
        assertThat(rule.path("State").textValue()).isEqualTo("ENABLED");
    }

    @Test
    void theBucketTellsEventBridge() {
        assertThat(Templates.of()
                        .data()
                        .resource("AWS::S3::Bucket", "LakeArtifacts")
                        .at("/Properties/NotificationConfiguration/EventBridgeConfiguration/EventBridgeEnabled")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void aBucketOfThePlatformIsListenedToByItsName() {
        assertThat(Templates.of("data: {artifactsBucket: our-models}")
                        .workflow()
                        .only("AWS::Events::Rule")
                        .at("/EventPattern/detail/bucket/name"))
                .isEqualTo(json("['our-models']"));
    }

    @Test
    void theWorkflowGetsTheKeyAndTheVersionOfTheObject() {
        JsonNode input = target().path("InputTransformer");
        assertThat(input.path("InputPathsMap"))
                .isEqualTo(
                        json(
                                "{'detail-object-key':'$.detail.object.key','detail-object-version-id':'$.detail.object.version-id'}"));
        assertThat(input.path("InputTemplate").textValue())
                .isEqualTo("{\"manifestKey\":<detail-object-key>,\"manifestVersionId\":<detail-object-version-id>}");
    }

    @Test
    void aStartThatFailsIsRepeatedForADayAndThenKeptForTwoWeeks() {
        assertThat(target().path("RetryPolicy"))
                .isEqualTo(json("{'MaximumEventAgeInSeconds':86400,'MaximumRetryAttempts':185}"));
        assertThat(target().at("/DeadLetterConfig/Arn/Fn::GetAtt/0").textValue())
                .isEqualTo(workflow.id("AWS::SQS::Queue", "OnManifestNotStarted"));
        assertThat(workflow.only("AWS::SQS::Queue")
                        .path("MessageRetentionPeriod")
                        .intValue())
                .isEqualTo(14 * 86_400);
    }

    @Test
    void whatIsKeptIsEncryptedAndMovesOverTlsOnly() {
        assertThat(workflow.only("AWS::SQS::Queue").path("SqsManagedSseEnabled").booleanValue())
                .isTrue();
        assertThat(Templates.of("data: {encryption: customer-key}")
                        .workflow()
                        .only("AWS::SQS::Queue")
                        .path("KmsMasterKeyId")
                        .toString())
                .contains("GetAttKey");
        assertThat(policy())
                .filteredOn(statement -> statement.path("Effect").asText().equals("Deny"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.path("Condition"))
                        .isEqualTo(json("{'Bool':{'aws:SecureTransport':'false'}}")));
    }

    @Test
    void onlyThisRuleWritesIntoTheQueue() {
        assertThat(policy())
                .filteredOn(statement -> statement.path("Effect").asText().equals("Allow"))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(texts(statement.path("Action"))).containsExactly("sqs:SendMessage");
                    assertThat(statement
                                    .at("/Condition/ArnEquals/aws:SourceArn/Fn::GetAtt/0")
                                    .textValue())
                            .isEqualTo(workflow.id("AWS::Events::Rule", "OnManifest"));
                });
    }

    @Test
    void eventBridgeMayStartTheWorkflowAndNothingElse() {
        List<JsonNode> statements = workflow.statements(workflow.id("AWS::IAM::Role", "OnManifestRole"));
        assertThat(statements).singleElement().satisfies(statement -> {
            assertThat(texts(statement.path("Action"))).containsExactly("states:StartExecution");
            assertThat(statement.at("/Resource/Ref").textValue())
                    .isEqualTo(workflow.id("AWS::StepFunctions::StateMachine", "WorkflowMachine"));
        });
    }

    @Test
    void whereOthersStartTheWorkflowThereIsNoRule() {
        Templates others = Templates.of("workflow: {onManifest: false}");
        assertThat(others.workflow().types())
                .contains("AWS::StepFunctions::StateMachine")
                .doesNotContain("AWS::Events::Rule", "AWS::SQS::Queue");
        assertThat(others.all())
                .flatExtracting(template -> template.all("AWS::CloudWatch::Alarm"))
                .extracting(alarm -> alarm.path("AlarmName").asText())
                .contains("model-serving-test-release-failed")
                .doesNotContain("model-serving-test-release-not-started");
    }

    private JsonNode target() {
        assertThat(rule.path("Targets")).hasSize(1);
        return rule.at("/Targets/0");
    }

    private List<JsonNode> policy() {
        return workflow.only("AWS::SQS::QueuePolicy")
                .at("/PolicyDocument/Statement")
                .valueStream()
                .toList();
    }
}
