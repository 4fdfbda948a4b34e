package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.text;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a platform brings along is used and not made again. */
class ImportsTest {
    private static final String KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    @Test
    void aBucketForModelsIsUsed() {
        Templates templates = Templates.of("data:", "  artifactsBucket: our-models");
        assertThat(templates.data().resources("AWS::S3::Bucket").keySet())
                .hasSize(2)
                .noneMatch(id -> id.startsWith("LakeArtifacts"));
        assertThat(whole(templates.serving())).contains("our-models/models/*");
        assertThat(templates.data().outputs().at("/ArtifactsBucket/Value").textValue())
                .isEqualTo("our-models");
    }

    @Test
    void aBucketForPredictionsIsUsed() {
        Templates templates = Templates.of("data:", "  goldBucket: our-gold");
        assertThat(templates.data().resources("AWS::S3::Bucket").keySet())
                .hasSize(2)
                .noneMatch(id -> id.startsWith("LakeGold"));
        assertThat(whole(templates.serving())).contains("our-gold/predictions/*");
        assertThat(templates.data().outputs().at("/GoldBucket/Value").textValue())
                .isEqualTo("our-gold");
    }

    @Test
    void withBothBucketsThereIsNoBucketForAccessLogsEither() {
        assertThat(Templates.of("data:", "  artifactsBucket: our-models", "  goldBucket: our-gold")
                        .data()
                        .types())
                .containsExactly("AWS::DynamoDB::GlobalTable");
    }

    @Test
    void aTableIsUsedWithItsIndex() {
        Templates templates = Templates.of("data:", "  registryTable: our-registry");
        assertThat(templates.data().types()).doesNotContain("AWS::DynamoDB::GlobalTable");
        assertThat(whole(templates.serving())).contains("table/our-registry\"", "table/our-registry/index/byEntity");
        assertThat(templates.data().outputs().at("/RegistryTable/Value").textValue())
                .isEqualTo("our-registry");
    }

    @Test
    void aKeyIsUsedForDataAndLogs() {
        Templates templates =
                Templates.of("door:", "  enabled: true", "data:", "  encryption: customer-key", "  keyArn: " + KEY_ARN);
        assertThat(templates.all()).flatExtracting(StackTemplate::types).doesNotContain("AWS::KMS::Key");
        assertThat(whole(templates.data())).contains(KEY_ARN);
        assertThat(templates.all())
                .flatExtracting(template -> template.all("AWS::Logs::LogGroup"))
                .hasSize(5)
                .allSatisfy(group -> assertThat(group.path("KmsKeyId")).isEqualTo(text(KEY_ARN)));
        StackTemplate serving = templates.serving();
        assertThat(serving.statements(serving.id("AWS::IAM::Role", "ServiceRole")))
                .filteredOn(statement -> texts(statement.path("Resource")).contains(KEY_ARN))
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactlyInAnyOrder("kms:Decrypt", "kms:GenerateDataKey");
    }

    @Test
    void bucketsAndTableThatAreEncryptedWithAKeyCanBeRead() {
        StackTemplate serving = Templates.of(
                        "data:",
                        "  encryption: customer-key",
                        "  keyArn: " + KEY_ARN,
                        "  artifactsBucket: our-models",
                        "  goldBucket: our-gold",
                        "  registryTable: our-registry")
                .serving();
        assertThat(serving.statements(serving.id("AWS::IAM::Role", "ServiceRole")))
                .filteredOn(statement -> texts(statement.path("Resource")).contains(KEY_ARN))
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactlyInAnyOrder("kms:Decrypt", "kms:GenerateDataKey");
    }

    @Test
    void aClusterIsUsed() {
        StackTemplate serving =
                Templates.of("service:", "  clusterName: our-cluster").serving();
        assertThat(serving.types()).doesNotContain("AWS::ECS::Cluster");
        assertThat(serving.only("AWS::ECS::Service").path("Cluster")).isEqualTo(text("our-cluster"));
        assertThat(serving.only("AWS::ApplicationAutoScaling::ScalableTarget")
                        .path("ResourceId")
                        .toString())
                .contains("service/our-cluster/");
    }

    @Test
    void anImageIsUsedAndNoneBuilt() {
        String digest = "sha256:" + "f".repeat(64);
        Synthesis synthesis = Synthesis.of("""
                region: eu-west-1
                service:
                  image:
                    repository: ml/serving
                    digest: %s
                """.formatted(digest));
        StackTemplate serving = Templates.of(synthesis.whole()).serving();
        assertThat(whole(serving)).contains("/ml/serving@" + digest).doesNotContain("container-assets");
    }

    @Test
    void everythingAtOnceLeavesOnlyTheService() {
        Templates templates = Templates.of(
                "network:",
                "  kind: existing",
                "  existing:",
                "    vpcId: vpc-0123456789abcdef0",
                "    availabilityZones: [eu-west-1a]",
                "    subnetIds: [subnet-0123456789abcdef0]",
                "    endpointSecurityGroups: [sg-0123456789abcdef0]",
                "data:",
                "  encryption: customer-key",
                "  keyArn: " + KEY_ARN,
                "  artifactsBucket: our-models",
                "  goldBucket: our-gold",
                "  registryTable: our-registry",
                "service:",
                "  clusterName: our-cluster");
        assertThat(templates.data().types())
                .as("CloudFormation takes no stack without a resource")
                .containsExactly("AWS::CloudFormation::WaitConditionHandle");
        assertThat(templates.all())
                .flatExtracting(StackTemplate::types)
                .doesNotContain(
                        "AWS::EC2::VPC",
                        "AWS::EC2::Subnet",
                        "AWS::EC2::VPCEndpoint",
                        "AWS::ECS::Cluster",
                        "AWS::S3::Bucket",
                        "AWS::DynamoDB::GlobalTable",
                        "AWS::KMS::Key");
    }

    /** Without CloudFormation's joints. */
    private static String whole(StackTemplate template) {
        return template.resources().values().stream()
                .map(Object::toString)
                .map(json -> json.replace("\",\"", ""))
                .collect(Collectors.joining("\n"));
    }
}
