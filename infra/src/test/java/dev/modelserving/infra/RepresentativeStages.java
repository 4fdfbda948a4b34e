package dev.modelserving.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import software.amazon.awscdk.cxapi.CloudFormationStackArtifact;

/**
 * The stages that policies are checked on: every stage that has a file, and one for each choice that changes what is
 * deployed. They are synthesised once.
 */
final class RepresentativeStages {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> CHOICES = Map.of(
            "isolated-door",
            """
            region: eu-west-1
            door: {enabled: true}
            observability: {alarmEmails: [operators@example.com]}
            """,
            "nat-door-key",
            """
            region: eu-central-1
            network: {kind: nat, availabilityZones: 3, natGateways: 2}
            data: {encryption: customer-key, predictionsExpireAfter: 90d}
            service: {architecture: arm64, spot: true, allowFrom: [10.0.0.0/8, sg-0123456789abcdef0, pl-63a5400a]}
            door: {enabled: true}
            observability: {alarmEmails: [operators@example.com]}
            """,
            "everything-existing",
            """
            region: eu-west-1
            account: "123456789012"
            network:
              kind: existing
              existing:
                vpcId: vpc-0123456789abcdef0
                availabilityZones: [eu-west-1a, eu-west-1b]
                subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
                endpointSecurityGroups: [sg-0123456789abcdef0]
            data:
              encryption: customer-key
              keyArn: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
              artifactsBucket: platform-artifacts
              goldBucket: platform-gold
              registryTable: platform-registry
            service:
              clusterName: platform
              image:
                repository: model-serving
                digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            door: {enabled: true}
            observability: {alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms"}
            """,
            "some-existing",
            """
            region: sa-east-1
            network:
              kind: existing
              prefixLists: {s3: pl-0123456789abcdef0, dynamoDb: pl-0123456789abcdef1}
              existing:
                vpcId: vpc-0123456789abcdef0
                availabilityZones: [sa-east-1a]
                subnetIds: [subnet-0123456789abcdef0]
            data: {artifactsBucket: platform-artifacts}
            workflow: {onManifest: false}
            """,
            "existing-key",
            """
            region: us-east-1
            data:
              encryption: customer-key
              keyArn: arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555
              registryTable: platform-registry
            workflow: {enabled: false}
            """);

    private static final Map<String, Synthesis> ALL = new TreeMap<>();
    private static final Map<String, Map<String, JsonNode>> TEMPLATES = new TreeMap<>();

    private RepresentativeStages() {}

    /** By name. */
    static synchronized Map<String, Synthesis> all() {
        if (ALL.isEmpty()) {
            CHOICES.forEach((name, settings) -> ALL.put(name, Synthesis.of(settings)));
            try (Stream<Path> files = Files.list(Path.of("stages"))) {
                files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                        .forEach(stage -> ALL.put(stage, Synthesis.ofFile(stage)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ALL.forEach((name, stage) -> TEMPLATES.put(name, synthesise(stage)));
        }
        return ALL;
    }

    /** The templates of each stage, by the name of their stack. */
    static Map<String, Map<String, JsonNode>> templates() {
        all();
        return TEMPLATES;
    }

    /** The templates of a stage, by the name of their stack. */
    static Map<String, JsonNode> synthesise(Synthesis stage) {
        Map<String, JsonNode> templates = new TreeMap<>();
        for (CloudFormationStackArtifact stack : stage.whole().synth().getStacks()) {
            try {
                templates.put(
                        stack.getStackName(), JSON.readTree(Files.readString(Path.of(stack.getTemplateFullPath()))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return templates;
    }
}
