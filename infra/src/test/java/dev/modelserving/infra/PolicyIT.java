package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.infra.PolicyTools.Finding;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.services.s3.CfnBucket;

/**
 * cfn-lint and checkov find nothing in any stage that is not skipped, with a reason, on the resource that it is about; and
 * they do find what is broken on purpose.
 */
class PolicyIT {
    private static final String STAGES = "stages/";
    /** The same without what checkov is told to skip. */
    private static final String BARE = "bare/";

    private static final String BROKEN = "broken/";

    private static final Map<Finding, String> SKIPS = new LinkedHashMap<>();
    private static Set<Finding> lint;
    private static Set<Finding> checks;

    @BeforeAll
    static void check() throws Exception {
        PolicyTools tools = new PolicyTools(Path.of("target", "policy"));
        for (Map.Entry<String, Map<String, JsonNode>> stage :
                RepresentativeStages.templates().entrySet()) {
            for (Map.Entry<String, JsonNode> stack : stage.getValue().entrySet()) {
                String name = stage.getKey() + "/" + stack.getKey();
                tools.add(STAGES + name, stack.getValue());
                tools.add(BARE + name, withoutSkips(name, stack.getValue()));
            }
        }
        Map<String, JsonNode> stage = RepresentativeStages.templates().get("nat-door-key");
        for (Map.Entry<String, BiConsumer<ObjectNode, ObjectNode>> fault : faults().entrySet()) {
            ObjectNode data = stage.get("model-serving-test-data").deepCopy();
            ObjectNode serving = stage.get("model-serving-test-serving").deepCopy();
            fault.getValue().accept(data, serving);
            tools.add(BROKEN + fault.getKey() + "/data", data);
            tools.add(BROKEN + fault.getKey() + "/serving", serving);
        }
        lint = tools.cfnLint();
        checks = tools.checkov();
    }

    @Test
    void cfnLintFindsNothing() {
        assertThat(lint)
                .filteredOn(finding -> finding.template().startsWith(STAGES))
                .isEmpty();
    }

    @Test
    void checkovFindsNothingThatIsNotSkipped() {
        assertThat(checks)
                .filteredOn(finding -> finding.template().startsWith(STAGES))
                .isEmpty();
    }

    @Test
    void everySkipIsNeeded() {
        assertThat(SKIPS.keySet()).isNotEmpty().isSubsetOf(checks);
    }

    @Test
    void everySkipHasASentenceForItsReason() {
        assertThat(SKIPS.values()).allMatch(Reasons::isASentence);
    }

    @Test
    void noTemplateTurnsRulesOfCfnLintOff() {
        assertThat(RepresentativeStages.templates().values())
                .flatExtracting(Map::values)
                .allMatch(template -> template.findValue("cfn-lint") == null);
    }

    @Test
    void noTemplateSkipsForAllItsResources() {
        assertThat(RepresentativeStages.templates().values())
                .flatExtracting(Map::values)
                .allMatch(template -> template.at("/Metadata/checkov").isMissingNode());
    }

    @Test
    void checkovSeesABucketThatIsPublic() {
        assertThat(checks).contains(broken("CKV_AWS_20", "public-bucket/data", "LakeGold5F4D8429"));
        assertThat(checks).contains(broken("CKV_AWS_53", "public-bucket/data", "LakeGold5F4D8429"));
    }

    @Test
    void cfnLintSeesABucketThatIsPublicByAnAcl() {
        assertThat(lint).contains(broken("W3045", "public-bucket/data", "LakeGold5F4D8429"));
    }

    @Test
    void aSkipOnAnotherResourceHidesNothing() {
        assertThat(checks).contains(broken("CKV_AWS_53", "skipped-elsewhere/data", "LakeGold5F4D8429"));
    }

    @Test
    void aSkipHidesTheFindingOfItsResource() {
        assertThat(checks).doesNotContain(broken("CKV_AWS_53", "skipped/data", "LakeGold5F4D8429"));
    }

    @Test
    void checkovSeesARoleThatMayDoEverything() {
        assertThat(checks).contains(broken("CKV_AWS_111", "any-action/serving", "ServiceRoleDefaultPolicyB6ED21D7"));
    }

    @Test
    void cfnLintSeesAnActionThatDoesNotExist() {
        assertThat(lint).contains(broken("W3037", "wrong-action/serving", "ServiceRoleDefaultPolicyB6ED21D7"));
    }

    @Test
    void cfnLintSeesAPropertyWithAWrongName() {
        assertThat(lint).contains(broken("E3002", "wrong-name/data", "LakeGold5F4D8429"));
    }

    /**
     * By CDK's own check, which is on in {@code cdk.json}; but not beside a flow log, for which CDK acknowledges this rule,
     * and so for every resource of the app.
     */
    @Test
    void synthesisSeesAPropertyWithAWrongName() {
        App app =
                Synthesis.of("region: eu-west-1\nnetwork: {flowLogs: false}\n").whole();
        app.getNode().findAll().stream()
                .filter(CfnBucket.class::isInstance)
                .forEach(bucket -> ((CfnBucket) bucket).addPropertyOverride("Versioned", true));
        assertThatThrownBy(app::synth).hasMessageContaining("Validation failed");
    }

    @Test
    void checkovSeesASecurityGroupThatLetsTheWorldIn() {
        assertThat(checks).contains(broken("CKV_AWS_24", "open-to-the-world/serving", "ServiceTasks334FF5D3"));
    }

    @Test
    void checkovSeesALogThatHasNoKey() {
        assertThat(checks).contains(broken("CKV_AWS_158", "no-key/serving", "ServiceLogD7D86640"));
    }

    private static Map<String, BiConsumer<ObjectNode, ObjectNode>> faults() {
        return Map.of(
                "public-bucket", (data, serving) -> open(data),
                "skipped-elsewhere",
                        (data, serving) -> {
                            open(data);
                            skip(data, "LakeArtifacts2DD6A05E");
                        },
                "skipped",
                        (data, serving) -> {
                            open(data);
                            skip(data, "LakeGold5F4D8429");
                        },
                "any-action", (data, serving) -> allow(serving, "s3:*"),
                "wrong-action", (data, serving) -> allow(serving, "s3:GetNothing"),
                "wrong-name",
                        (data, serving) -> properties(data, "LakeGold5F4D8429").put("Versioned", true),
                "open-to-the-world",
                        (data, serving) -> properties(serving, "ServiceTasks334FF5D3")
                                .withArray("SecurityGroupIngress")
                                .addObject()
                                .put("IpProtocol", "tcp")
                                .put("FromPort", 0)
                                .put("ToPort", 65_535)
                                .put("CidrIp", "0.0.0.0/0"),
                "no-key",
                        (data, serving) ->
                                properties(serving, "ServiceLogD7D86640").remove("KmsKeyId"));
    }

    private static void open(ObjectNode data) {
        ObjectNode bucket = properties(data, "LakeGold5F4D8429");
        bucket.remove("PublicAccessBlockConfiguration");
        bucket.put("AccessControl", "PublicRead");
    }

    private static void skip(ObjectNode template, String resource) {
        ((ObjectNode) template.at("/Resources/" + resource))
                .putObject("Metadata")
                .putObject("checkov")
                .putArray("skip")
                .addObject()
                .put("id", "CKV_AWS_53")
                .put("comment", "Nothing in this bucket is of any interest to anybody.");
    }

    private static void allow(ObjectNode serving, String action) {
        ObjectNode statement = (ObjectNode)
                properties(serving, "ServiceRoleDefaultPolicyB6ED21D7").at("/PolicyDocument/Statement/0");
        statement.put("Action", action).put("Resource", "*").remove("Condition");
    }

    private static ObjectNode properties(ObjectNode template, String resource) {
        return (ObjectNode) template.at("/Resources/" + resource + "/Properties");
    }

    private static Finding broken(String rule, String template, String resource) {
        return new Finding(rule, BROKEN + template, resource);
    }

    private static JsonNode withoutSkips(String name, JsonNode template) {
        ObjectNode bare = template.deepCopy();
        for (Map.Entry<String, JsonNode> resource : bare.path("Resources").properties()) {
            for (JsonNode skip : resource.getValue().at("/Metadata/checkov/skip")) {
                SKIPS.put(
                        new Finding(skip.path("id").asText(), BARE + name, resource.getKey()),
                        skip.path("comment").asText());
            }
            if (resource.getValue().path("Metadata") instanceof ObjectNode metadata) {
                metadata.remove("checkov");
            }
        }
        return bare;
    }
}
