package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.infra.Acknowledgements.Finding;
import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.constructs.IConstruct;

/** That {@link NagTest} fails when it should: stages that are broken on purpose, and acknowledgements that are wrong. */
class BrokenConstructsTest {
    private static final String REASON = "Nothing in this bucket is of any interest to anybody.";
    private static final String DATA = "model-serving-test-data";
    private static final String SERVING = "model-serving-test-serving";

    private final Synthesis stage = Synthesis.of("region: eu-west-1\ndata: {encryption: customer-key}\n");

    @Test
    void seesABucketThatMayBecomePublic() {
        open("Gold");
        assertFound("AwsSolutions-S2", DATA, "LakeGold5F4D8429");
    }

    @Test
    void seesARoleThatMayDoEverything() {
        Role role = (Role) child(SERVING, "Service", "Role");
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("s3:*"))
                .resources(List.of("arn:aws:s3:::a-bucket"))
                .build());
        assertFound("AwsSolutions-IAM5[Action::s3:*]", SERVING, "ServiceRoleDefaultPolicyB6ED21D7");
    }

    @Test
    void seesASecurityGroupThatLetsTheWorldIn() {
        SecurityGroup tasks = (SecurityGroup) child(SERVING, "Service", "Tasks");
        tasks.addIngressRule(Peer.anyIpv4(), Port.tcp(8080));
        assertFound("AwsSolutions-EC23", SERVING, "ServiceTasks334FF5D3");
    }

    @Test
    void seesALogWithoutTheKeyOfTheStage() {
        ((CfnLogGroup) child(SERVING, "Service", "Log", "Resource")).setKmsKeyId((String) null);
        assertFound("NIST.800.53.R5-CloudWatchLogGroupEncrypted", SERVING, "ServiceLogD7D86640");
    }

    @Test
    void seesAStageThatTurnedFlowLogsOff() {
        Synthesis blind = Synthesis.of("region: eu-west-1\nnetwork: {flowLogs: false}\n");
        assertThat(Nag.findings(blind.whole()))
                .contains(new Finding("AwsSolutions-VPC7", "model-serving-test-network", "NetworkVpc7FB7348F"));
    }

    @Test
    void anAcknowledgementOnAnotherResourceHidesNothing() {
        open("Gold");
        Findings.acknowledge(child(DATA, "Lake", "Artifacts"), REASON, "AwsSolutions-S2");
        assertFound("AwsSolutions-S2", DATA, "LakeGold5F4D8429");
    }

    @Test
    void anAcknowledgementHidesTheFindingOfItsResource() {
        open("Gold");
        Findings.acknowledge(child(DATA, "Lake", "Gold"), REASON, "AwsSolutions-S2");
        assertThat(Nag.findings(stage.whole()))
                .doesNotContain(new Finding("AwsSolutions-S2", DATA, "LakeGold5F4D8429"));
    }

    @Test
    void seesAnAcknowledgementThatIsNotNeeded() {
        Findings.acknowledge(child(DATA, "Lake", "Gold"), REASON, "AwsSolutions-S2");
        assertThat(Nag.unneeded(stage.whole(), RepresentativeStages.synthesise(stage)))
                .containsExactly(new Finding("AwsSolutions-S2", DATA, "LakeGold5F4D8429"));
    }

    @Test
    void seesAnAcknowledgementForAWholeStack() {
        child(DATA)
                .getNode()
                .addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, Map.of("AwsSolutions-S2", REASON));
        assertThat(Acknowledgements.of(stage.whole()).keySet())
                .filteredOn(finding -> !finding.isOnAResource())
                .containsExactly(new Finding("AwsSolutions-S2", "", "/" + DATA));
    }

    private void open(String bucket) {
        ((CfnBucket) child(DATA, "Lake", bucket, "Resource"))
                .setPublicAccessBlockConfiguration(CfnBucket.PublicAccessBlockConfigurationProperty.builder()
                        .blockPublicAcls(false)
                        .build());
    }

    private void assertFound(String rule, String stack, String resource) {
        assertThat(Nag.findings(stage.whole())).contains(new Finding(rule, stack, resource));
    }

    private IConstruct child(String... path) {
        IConstruct found = stage.whole();
        for (String id : path) {
            found = found.getNode().findChild(id);
        }
        return found;
    }
}
