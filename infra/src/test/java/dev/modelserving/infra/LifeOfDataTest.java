package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What survives when a stack is deleted, and who may use the key that it is encrypted with. */
class LifeOfDataTest {
    private static final List<String> STATEFUL =
            List.of("AWS::S3::Bucket", "AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::Logs::LogGroup");

    @ParameterizedTest
    @CsvSource({"true, Retain", "false, Delete"})
    void everythingThatHoldsDataIsKeptOrNoneOfIt(boolean keep, String policy) {
        Templates templates = stage(keep);
        for (String type : STATEFUL) {
            List<JsonNode> resources = templates.all().stream()
                    .flatMap(template -> template.resources(type).values().stream())
                    .toList();
            assertThat(resources).as(type).isNotEmpty().allSatisfy(resource -> {
                assertThat(resource.path("DeletionPolicy").textValue()).isEqualTo(policy);
                assertThat(resource.path("UpdateReplacePolicy").textValue()).isEqualTo(policy);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void theStackOfTheDataIsProtectedWhenTheDataIsKept(boolean keep) {
        Synthesis synthesis = Synthesis.of("region: eu-west-1\ndata:\n  keep: " + keep);
        assertThat(synthesis.whole().synth().getStacks())
                .allSatisfy(stack -> assertThat(Boolean.TRUE.equals(stack.getTerminationProtection()))
                        .isEqualTo(keep && stack.getStackName().endsWith("-data")));
    }

    @Test
    void theKeyIsRotated() {
        assertThat(key().path("EnableKeyRotation").booleanValue()).isTrue();
    }

    @Test
    void thereIsOneKeyForTheStageAndNoneUnlessItIsWanted() {
        assertThat(stage(true).all())
                .flatExtracting(template -> template.all("AWS::KMS::Key"))
                .hasSize(1);
        assertThat(Templates.of().all()).flatExtracting(StackTemplate::types).doesNotContain("AWS::KMS::Key");
    }

    @Test
    void servicesUseTheKeyForThisAccountOnly() {
        List<JsonNode> services = key().at("/KeyPolicy/Statement")
                .valueStream()
                .filter(statement -> statement.at("/Principal/Service").isMissingNode() == false)
                .toList();
        assertThat(services)
                .hasSize(4)
                .allSatisfy(statement ->
                        assertThat(texts(statement.path("Action"))).noneMatch(action -> action.equals("kms:*")));
        assertThat(services)
                .filteredOn(
                        statement -> !texts(statement.at("/Principal/Service")).contains("events.amazonaws.com"))
                .as("EventBridge does not say for which account it asks")
                .hasSize(3)
                .allSatisfy(statement ->
                        assertThat(statement.path("Condition").toString()).contains("AWS::AccountId"));
        assertThat(services)
                .flatExtracting(statement -> texts(statement.at("/Principal/Service")))
                .containsExactlyInAnyOrder(
                        "logs.eu-west-1.amazonaws.com",
                        "delivery.logs.amazonaws.com",
                        "cloudwatch.amazonaws.com",
                        "events.amazonaws.com");
    }

    @Test
    void thePrincipalsOfTheKeyAreOurAccountAndServices() {
        assertThat(key().at("/KeyPolicy/Statement"))
                .allSatisfy(statement ->
                        assertThat(statement.path("Principal").toString()).doesNotContain("\"*\""));
    }

    @Test
    void everyLogGroupIsEncryptedByTheKeyAndEndsSometime() {
        Templates templates = stage(true);
        assertThat(templates.all())
                .flatExtracting(template -> template.all("AWS::Logs::LogGroup"))
                .hasSize(5)
                .allSatisfy(group -> {
                    assertThat(group.path("KmsKeyId").toString()).contains("Key");
                    assertThat(group.path("RetentionInDays").intValue()).isEqualTo(90);
                });
    }

    /** A group that is kept would be in the way of the next stage of that name, which the guide says how to clear. */
    @Test
    void noLogGroupHasANameOfItsOwnButTheWorkflows() {
        assertThat(stage(true).all())
                .flatExtracting(template -> template.all("AWS::Logs::LogGroup"))
                .filteredOn(group -> group.has("LogGroupName"))
                .extracting(group -> group.path("LogGroupName").textValue())
                .containsExactly("/aws/vendedlogs/states/model-serving-test-workflow");
    }

    private static Templates stage(boolean keep) {
        return Templates.of(
                "data:",
                "  encryption: customer-key",
                "  keep: " + keep,
                "door:",
                "  enabled: true",
                "observability:",
                "  logRetention: three-months");
    }

    private static JsonNode key() {
        return stage(true).data().only("AWS::KMS::Key");
    }
}
