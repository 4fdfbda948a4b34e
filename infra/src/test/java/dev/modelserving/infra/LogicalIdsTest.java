package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The logical ids of what holds state, or is known outside by its id. An id follows from the path of constructs; whoever
 * renames one of those gives CloudFormation a new resource, and takes the old one away.
 */
class LogicalIdsTest {
    private static final Set<String> STATEFUL = Set.of(
            "AWS::DynamoDB::GlobalTable",
            "AWS::KMS::Key",
            "AWS::Logs::LogGroup",
            "AWS::S3::Bucket",
            "AWS::ServiceDiscovery::PrivateDnsNamespace",
            "AWS::ServiceDiscovery::Service",
            "AWS::SQS::Queue",
            "AWS::StepFunctions::StateMachine",
            "AWS::EC2::VPC",
            "AWS::ApiGatewayV2::Api");

    private final Templates templates = Templates.of("data:", "  encryption: customer-key", "door:", "  enabled: true");

    @Test
    void theDataStacksResourcesKeepTheirIds() {
        assertKept(
                templates.data(),
                Map.of(
                        "Key961B73FD", "AWS::KMS::Key",
                        "LakeAccessLogs4431AB8D", "AWS::S3::Bucket",
                        "LakeArtifacts2DD6A05E", "AWS::S3::Bucket",
                        "LakeGold5F4D8429", "AWS::S3::Bucket",
                        "RegistryTableDB777839", "AWS::DynamoDB::GlobalTable"));
    }

    @Test
    void theNetworkStacksResourcesKeepTheirIds() {
        assertKept(
                templates.network(),
                Map.of("FlowLogs16C1943A", "AWS::Logs::LogGroup", "NetworkVpc7FB7348F", "AWS::EC2::VPC"));
    }

    @Test
    void theServingStacksResourcesKeepTheirIds() {
        assertKept(
                templates.serving(),
                Map.of(
                        "DoorAccessLog390484BA", "AWS::Logs::LogGroup",
                        "DoorApiD32F8731", "AWS::ApiGatewayV2::Api",
                        "ServiceLogD7D86640", "AWS::Logs::LogGroup",
                        "ServiceNamespaceCFC1325A", "AWS::ServiceDiscovery::PrivateDnsNamespace",
                        "ServiceRecords4E5AC505", "AWS::ServiceDiscovery::Service"));
    }

    @Test
    void theWorkflowStacksResourcesKeepTheirIds() {
        assertKept(
                templates.workflow(),
                Map.of(
                        "OnManifestNotStartedE657A7D8", "AWS::SQS::Queue",
                        "PipelineLog5D9785C3", "AWS::Logs::LogGroup",
                        "WorkflowLogD7C9FC7F", "AWS::Logs::LogGroup",
                        "WorkflowMachine0C2E3460", "AWS::StepFunctions::StateMachine"));
    }

    private static void assertKept(StackTemplate template, Map<String, String> ids) {
        Map<String, String> found = new TreeMap<>();
        template.resources().forEach((id, resource) -> {
            if (STATEFUL.contains(StackTemplate.type(resource))) {
                found.put(id, StackTemplate.type(resource));
            }
        });
        assertThat(found)
                .as(
                        "stateful resources of %s: a changed id replaces the resource, with what it holds,"
                                + " in every stage that is deployed; only new ones may be added here",
                        template.stack())
                .containsExactlyInAnyOrderEntriesOf(ids);
    }
}
