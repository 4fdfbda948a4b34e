package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.infra.Acknowledgements.Finding;
import dev.modelserving.infra.acknowledgement.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What roles may do in any stage, and whom resources let in. In the policy of a key or a bucket, {@code *} as a resource
 * is that key or that bucket.
 */
class IamTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> OF_IDENTITIES = Set.of(
            "AWS::IAM::Policy",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::Role",
            "AWS::IAM::RolePolicy",
            "AWS::IAM::User",
            "AWS::IAM::UserPolicy",
            "AWS::IAM::Group",
            "AWS::IAM::GroupPolicy");

    /** What AWS knows no resource for. Service authorization reference: ECR, CloudWatch Logs, X-Ray. */
    private static final Set<String> OF_NO_RESOURCE = Set.of(
            "ecr:GetAuthorizationToken",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments");

    /** A statement of a policy, and the resource of the template that has it. */
    private record Statement(String stack, String resource, String type, JsonNode json) {
        boolean allows() {
            return json.path("Effect").asText().equals("Allow");
        }

        boolean isOfAnIdentity() {
            return OF_IDENTITIES.contains(type) && !json.has("Principal");
        }

        boolean allowsAnyAction() {
            return texts("Action").stream().anyMatch(action -> action.contains("*")) || json.has("NotAction");
        }

        boolean isAboutAnyResource() {
            return texts("Resource").contains("*") || json.has("NotResource");
        }

        boolean letsAnybodyIn() {
            return json.at("/Principal").asText().equals("*")
                    || texts(json.at("/Principal/AWS")).contains("*")
                    || json.has("NotPrincipal");
        }

        Finding anyResource() {
            return new Finding(Findings.ANY_RESOURCE, stack, resource);
        }

        private List<String> texts(String field) {
            return texts(json.path(field));
        }

        private static List<String> texts(JsonNode value) {
            List<String> texts = new ArrayList<>();
            (value.isArray() ? value : JSON.createArrayNode().add(value)).forEach(text -> texts.add(text.asText()));
            return texts;
        }
    }

    static Stream<String> stages() {
        return RepresentativeStages.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void noRoleMayDoWhateverBeginsAlike(String stage) {
        assertThat(statements(stage))
                .filteredOn(statement -> statement.allows() && statement.isOfAnIdentity())
                .isNotEmpty()
                .noneMatch(Statement::allowsAnyAction);
    }

    @ParameterizedTest
    @MethodSource("stages")
    void noRoleMayDoAnythingToAnyResourceWithoutAReason(String stage) {
        Set<Finding> reasons = Acknowledgements.of(
                        RepresentativeStages.all().get(stage).whole())
                .keySet();
        assertThat(statements(stage))
                .filteredOn(statement -> statement.allows() && statement.isOfAnIdentity())
                .filteredOn(Statement::isAboutAnyResource)
                .allMatch(statement -> reasons.contains(statement.anyResource()));
    }

    @ParameterizedTest
    @MethodSource("stages")
    void onlyTokensLogDeliveriesAndTracesAreForAnyResource(String stage) {
        assertThat(statements(stage))
                .filteredOn(statement -> statement.allows() && statement.isOfAnIdentity())
                .filteredOn(Statement::isAboutAnyResource)
                .flatExtracting(statement -> statement.texts("Action"))
                .isNotEmpty()
                .allMatch(OF_NO_RESOURCE::contains);
    }

    @ParameterizedTest
    @MethodSource("stages")
    void noResourceLetsAnybodyIn(String stage) {
        assertThat(statements(stage))
                .filteredOn(statement -> statement.allows() && !statement.isOfAnIdentity())
                .noneMatch(Statement::letsAnybodyIn);
    }

    @Test
    void seesWhatIsTooMuch() throws Exception {
        List<Statement> statements = statements("Stack", JSON.readTree("""
                        {"Resources": {
                          "Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [
                            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": ["a", "*"]}]}}},
                          "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {
                            "Statement": {"Effect": "Allow", "NotAction": "iam:PassRole", "NotResource": "b"}}}]}},
                          "Bucket": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": [
                            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "c", "Principal": {"AWS": "*"}}]}}}
                        }}"""));
        assertThat(statements).hasSize(3);
        assertThat(statements.subList(0, 2))
                .allMatch(Statement::allowsAnyAction)
                .allMatch(Statement::isAboutAnyResource);
        assertThat(statements.get(2)).matches(Statement::letsAnybodyIn).matches(bucket -> !bucket.isOfAnIdentity());
    }

    private static List<Statement> statements(String stage) {
        List<Statement> statements = new ArrayList<>();
        RepresentativeStages.templates()
                .get(stage)
                .forEach((stack, template) -> statements.addAll(statements(stack, template)));
        return statements;
    }

    private static List<Statement> statements(String stack, JsonNode template) {
        List<Statement> statements = new ArrayList<>();
        for (Map.Entry<String, JsonNode> resource : template.path("Resources").properties()) {
            for (JsonNode list : resource.getValue().findValues("Statement")) {
                (list.isArray() ? list : JSON.createArrayNode().add(list))
                        .forEach(statement -> statements.add(new Statement(
                                stack,
                                resource.getKey(),
                                resource.getValue().path("Type").asText(),
                                statement)));
            }
        }
        return statements;
    }
}
