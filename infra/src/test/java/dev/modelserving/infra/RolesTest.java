package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the service may do in AWS. */
class RolesTest {
    private static final String KEY = "data:\n  encryption: customer-key";

    private final StackTemplate serving = Templates.of().serving();
    private final List<JsonNode> statements = serving.statements(serving.id("AWS::IAM::Role", "ServiceRole"));

    @Test
    void onlyTasksOfEcsTakeTheRole() {
        assertThat(serving.resource("AWS::IAM::Role", "ServiceRole")
                        .at("/Properties/AssumeRolePolicyDocument/Statement"))
                .isEqualTo(
                        json(
                                "[{'Action':'sts:AssumeRole','Effect':'Allow','Principal':{'Service':'ecs-tasks.amazonaws.com'}}]"));
    }

    @Test
    void theServiceCannotMoveAnAlias() {
        // ALIAS, VERSION and MODEL items have the partition key MODEL#...
        assertThat(writes())
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement.path("Condition"))
                        .isEqualTo(json("{'ForAllValues:StringLike':{'dynamodb:LeadingKeys':['REPLICA#*']}}")));
        assertThat(actions())
                .doesNotContain(
                        "dynamodb:PutItem",
                        "dynamodb:BatchWriteItem",
                        "dynamodb:TransactWriteItems",
                        "dynamodb:PartiQLInsert",
                        "dynamodb:PartiQLUpdate",
                        "dynamodb:PartiQLDelete");
    }

    @Test
    void theServiceCannotReadTheWholeTableAtOnce() {
        assertThat(actions()).doesNotContain("dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect");
    }

    @Test
    void theServicePollsTheIndexAndNothingElse() {
        assertThat(resourceOf("dynamodb:Query")).endsWith("/index/byEntity");
    }

    @Test
    void theServiceReadsModelsOnly() {
        assertThat(resourceOf("s3:GetObject")).contains("LakeArtifacts").endsWith("/models/*");
        assertThat(resourceOf("s3:GetObjectVersion")).contains("LakeArtifacts").endsWith("/models/*");
        assertThat(statement("s3:ListBucket").path("Condition"))
                .isEqualTo(json("{'StringLikeIfExists':{'s3:prefix':'models/*'}}"));
    }

    @Test
    void theServiceWritesPredictionsOnly() {
        assertThat(resourceOf("s3:PutObject")).contains("LakeGold").endsWith("/predictions/*");
        assertThat(actions()).noneMatch(action -> action.startsWith("s3:Delete"));
    }

    @Test
    void theServiceMayDoNothingElse() {
        assertThat(actions())
                .containsExactlyInAnyOrder(
                        "dynamodb:GetItem",
                        "dynamodb:Query",
                        "dynamodb:UpdateItem",
                        "dynamodb:DeleteItem",
                        "s3:GetObject",
                        "s3:GetObjectVersion",
                        "s3:ListBucket",
                        "s3:PutObject");
    }

    @Test
    void withAKeyTheServiceUsesThatKeyOnly() {
        StackTemplate encrypted = Templates.of(KEY).serving();
        List<JsonNode> more = encrypted.statements(encrypted.id("AWS::IAM::Role", "ServiceRole"));
        assertThat(more)
                .filteredOn(statement ->
                        texts(statement.path("Action")).stream().anyMatch(action -> action.startsWith("kms:")))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(texts(statement.path("Action")))
                            .containsExactlyInAnyOrder("kms:Decrypt", "kms:GenerateDataKey");
                    assertThat(statement.path("Resource").toString()).contains("GetAttKey");
                });
    }

    @Test
    void ecsItselfFetchesOneImageAndWritesOneLog() {
        List<JsonNode> execution = serving.statements(serving.id("AWS::IAM::Role", "ServiceTaskExecutionRole"));
        assertThat(execution)
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactlyInAnyOrder(
                        "ecr:BatchCheckLayerAvailability",
                        "ecr:BatchGetImage",
                        "ecr:GetDownloadUrlForLayer",
                        "ecr:GetAuthorizationToken",
                        "logs:CreateLogStream",
                        "logs:PutLogEvents");
        assertThat(execution)
                .filteredOn(statement -> texts(statement.path("Resource")).contains("*"))
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactly("ecr:GetAuthorizationToken");
    }

    @Test
    void noRoleHasAManagedPolicyOrMayDoEverything() {
        for (StackTemplate template :
                Templates.of(KEY, "door:", "  enabled: true").all()) {
            assertThat(template.all("AWS::IAM::Role"))
                    .allSatisfy(
                            role -> assertThat(role.has("ManagedPolicyArns")).isFalse());
            assertThat(template.all("AWS::IAM::Policy"))
                    .allSatisfy(policy -> policy.at("/PolicyDocument/Statement")
                            .forEach(statement -> assertThat(texts(statement.path("Action")))
                                    .noneMatch(action -> action.contains("*"))));
        }
    }

    private List<String> actions() {
        return statements.stream()
                .flatMap(statement -> texts(statement.path("Action")).stream())
                .toList();
    }

    private List<JsonNode> writes() {
        return statements.stream()
                .filter(statement -> texts(statement.path("Action")).stream()
                        .anyMatch(action -> action.matches("dynamodb:.*(Update|Delete|Put|Write|Insert).*")))
                .toList();
    }

    private JsonNode statement(String action) {
        List<JsonNode> with = statements.stream()
                .filter(statement -> texts(statement.path("Action")).contains(action))
                .toList();
        assertThat(with).as("statements that allow %s", action).hasSize(1);
        return with.get(0);
    }

    private String resourceOf(String action) {
        JsonNode resource = statement(action).path("Resource");
        return resource.has("Fn::Join")
                ? resource.at("/Fn::Join/1/0") + resource.at("/Fn::Join/1/1").textValue()
                : resource.toString();
    }
}
