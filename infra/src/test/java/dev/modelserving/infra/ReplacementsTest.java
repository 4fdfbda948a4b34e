package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the check of a change refuses. */
class ReplacementsTest {
    private static final String END = "\n\n✨  Number of stacks with differences: 1\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[~] AWS::S3::Bucket Lake/Gold LakeGold5F4D8429 replace",
                "[~] AWS::S3::Bucket LakeGold5F4D8429 may be replaced",
                "[-] AWS::DynamoDB::GlobalTable RegistryTableDB777839 orphan",
                "[-] AWS::KMS::Key Key961B73FD destroy",
                "[-] AWS::Logs::LogGroup FlowLogs16C1943A destroy (OR move to Other.FlowLogs via refactoring)",
                "[~] AWS::ServiceDiscovery::PrivateDnsNamespace Service/Namespace ServiceNamespace1 replace",
                "[~] AWS::ServiceDiscovery::Service Service/Records ServiceRecords1 replace",
                "[~] AWS::SQS::Queue OnManifest/NotStarted OnManifestNotStartedE657A7D8 replace",
                "[-] AWS::StepFunctions::StateMachine WorkflowMachine0C2E3460 destroy",
                "\u001b[33m[~]\u001b[39m \u001b[36mAWS::EC2::VPC\u001b[39m Vpc Vpc1 \u001b[3m\u001b[31mreplace\u001b[39m\u001b[23m"
            })
    void refuses(String change) throws Exception {
        Replacements found = Replacements.in("Stack model-serving-prod-data\nResources\n" + change + END);
        assertThat(found.status()).isEqualTo(1);
        assertThat(found.output()).hasLineCount(1).startsWith("model-serving-prod-data: AWS::");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[~] AWS::S3::Bucket Lake/Gold LakeGold5F4D8429\n └─ [~] LifecycleConfiguration",
                "[+] AWS::S3::Bucket Lake/Silver LakeSilver5F4D8429",
                "[~] AWS::ECS::TaskDefinition Service/Task ServiceTaskF92E9D60 replace",
                "[-] AWS::IAM::Policy ServiceRoleDefaultPolicyB6ED21D7 destroy"
            })
    void letsPass(String change) throws Exception {
        Replacements found = Replacements.in("Stack model-serving-prod-data\nResources\n" + change + END);
        assertThat(found).isEqualTo(new Replacements(0, ""));
    }

    @Test
    void saysWhatWouldHappenToWhichResourceOfWhichStack() throws Exception {
        assertThat(Replacements.in("Stack model-serving-prod-network\nStack model-serving-prod-data\n"
                                + "[~] AWS::S3::Bucket Lake/Gold LakeGold5F4D8429 replace" + END)
                        .output())
                .isEqualTo("model-serving-prod-data: AWS::S3::Bucket LakeGold5F4D8429 would be replaced:"
                        + " models, predictions or the logs of both are in it\n");
    }

    @Test
    void letsPassWhatIsAllowedByName() throws Exception {
        String diff =
                "[~] AWS::S3::Bucket Lake/Gold LakeGold5F4D8429 replace\n[-] AWS::KMS::Key Key961B73FD orphan" + END;
        assertThat(Replacements.in(diff, "LakeGold5F4D8429", "Key961B73FD").status())
                .isZero();
        assertThat(Replacements.in(diff, "LakeGold5F4D8429").output()).contains("Key961B73FD");
    }

    @Test
    void refusesADiffThatDidNotComeToItsEnd() throws Exception {
        Replacements cut = Replacements.in("Stack model-serving-prod-data\nResources\n");
        assertThat(cut.status()).isEqualTo(2);
        assertThat(cut.output()).contains("expected: 'Number of stacks with differences: ...'");
    }
}
