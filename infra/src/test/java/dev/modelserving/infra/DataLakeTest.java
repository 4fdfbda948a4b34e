package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How models and predictions are kept. */
class DataLakeTest {
    private static final String BUCKET = "AWS::S3::Bucket";
    private static final String POLICY = "AWS::S3::BucketPolicy";

    private final StackTemplate data = Templates.of().data();

    @Test
    void everyBucketKeepsVersions() {
        assertThat(data.all(BUCKET))
                .hasSize(3)
                .allSatisfy(bucket -> assertThat(
                                bucket.at("/VersioningConfiguration/Status").textValue())
                        .isEqualTo("Enabled"));
    }

    @Test
    void everyBucketIsClosedToTheOutside() {
        assertThat(data.all(BUCKET))
                .allSatisfy(bucket -> assertThat(bucket.path("PublicAccessBlockConfiguration"))
                        .isEqualTo(json("{'BlockPublicAcls':true,'BlockPublicPolicy':true,"
                                + "'IgnorePublicAcls':true,'RestrictPublicBuckets':true}")));
    }

    @Test
    void noBucketKnowsAccessControlLists() {
        assertThat(data.all(BUCKET)).allSatisfy(bucket -> {
            assertThat(bucket.at("/OwnershipControls/Rules"))
                    .isEqualTo(json("[{'ObjectOwnership':'BucketOwnerEnforced'}]"));
            assertThat(bucket.has("AccessControl")).isFalse();
        });
    }

    @Test
    void everyBucketRefusesPlainHttpAndOldTls() {
        for (String bucket : data.resources(BUCKET).keySet()) {
            assertThat(statements(bucket))
                    .filteredOn(
                            statement -> statement.path("Effect").textValue().equals("Deny"))
                    .extracting(statement -> statement.path("Condition"))
                    .containsExactlyInAnyOrder(
                            json("{'Bool':{'aws:SecureTransport':'false'}}"),
                            json("{'NumericLessThan':{'s3:TlsVersion':1.2}}"));
            assertThat(statements(bucket))
                    .filteredOn(
                            statement -> statement.path("Effect").textValue().equals("Deny"))
                    .allSatisfy(statement -> {
                        assertThat(statement.path("Action").textValue()).isEqualTo("s3:*");
                        assertThat(statement.at("/Principal/AWS").textValue()).isEqualTo("*");
                        assertThat(statement.path("Resource")).hasSize(2);
                    });
        }
    }

    @Test
    void nobodyButTheLogServiceIsLetInByAPolicy() {
        assertThat(data.resources(BUCKET).keySet())
                .flatExtracting(this::statements)
                .filteredOn(statement -> statement.path("Effect").textValue().equals("Allow"))
                .allSatisfy(statement -> {
                    assertThat(statement.path("Principal")).isEqualTo(json("{'Service':'logging.s3.amazonaws.com'}"));
                    assertThat(statement
                                    .at("/Condition/StringEquals/aws:SourceAccount")
                                    .isMissingNode())
                            .isFalse();
                });
    }

    @Test
    void everyBucketIsEncrypted() {
        assertThat(data.all(BUCKET))
                .allSatisfy(bucket -> assertThat(algorithm(bucket)).isEqualTo("AES256"));
    }

    @Test
    void withAKeyModelsAndPredictionsAreEncryptedByIt() {
        StackTemplate encrypted =
                Templates.of("data:", "  encryption: customer-key").data();
        for (String name : List.of("LakeArtifacts", "LakeGold")) {
            JsonNode bucket = encrypted.resource(BUCKET, name).path("Properties");
            assertThat(algorithm(bucket)).isEqualTo("aws:kms");
            JsonNode rule = bucket.at("/BucketEncryption/ServerSideEncryptionConfiguration/0");
            assertThat(rule.path("BucketKeyEnabled").booleanValue()).isTrue();
            assertThat(rule.at("/ServerSideEncryptionByDefault/KMSMasterKeyID/Fn::GetAtt/0")
                            .textValue())
                    .startsWith("Key");
        }
        // S3 delivers access logs to buckets with keys of its own only.
        assertThat(algorithm(encrypted.resource(BUCKET, "LakeAccessLogs").path("Properties")))
                .isEqualTo("AES256");
    }

    @Test
    void uploadsThatAreNotFinishedAreAborted() {
        assertThat(data.all(BUCKET))
                .allSatisfy(bucket -> assertThat(bucket.at("/LifecycleConfiguration/Rules"))
                        .anySatisfy(rule -> assertThat(rule.at("/AbortIncompleteMultipartUpload/DaysAfterInitiation")
                                        .intValue())
                                .isEqualTo(7)));
    }

    @Test
    void noModelEverExpires() {
        JsonNode rules = bucket("LakeArtifacts").at("/LifecycleConfiguration/Rules");
        assertThat(rules).hasSize(1).allSatisfy(rule -> {
            assertThat(rule.has("ExpirationInDays")).isFalse();
            assertThat(rule.has("NoncurrentVersionExpiration")).isFalse();
            assertThat(rule.has("Transitions")).isFalse();
        });
    }

    @Test
    void predictionsExpireWhenTheSettingsSaySo() {
        assertThat(bucket("LakeGold").at("/LifecycleConfiguration/Rules/0").has("ExpirationInDays"))
                .isFalse();
        JsonNode rule = Templates.of("data:", "  predictionsExpireAfter: 400d")
                .data()
                .resource(BUCKET, "LakeGold")
                .at("/Properties/LifecycleConfiguration/Rules/0");
        assertThat(rule.path("ExpirationInDays").intValue()).isEqualTo(400);
        assertThat(rule.at("/NoncurrentVersionExpiration/NoncurrentDays").intValue())
                .isEqualTo(30);
    }

    @Test
    void everyAccessIsLogged() {
        String logs = data.id(BUCKET, "LakeAccessLogs");
        assertThat(bucket("LakeArtifacts").path("LoggingConfiguration"))
                .isEqualTo(json("{'DestinationBucketName':{'Ref':'%s'},'LogFilePrefix':'artifacts/'}".formatted(logs)));
        assertThat(bucket("LakeGold").path("LoggingConfiguration"))
                .isEqualTo(json("{'DestinationBucketName':{'Ref':'%s'},'LogFilePrefix':'gold/'}".formatted(logs)));
        assertThat(bucket("LakeAccessLogs")
                        .at("/LifecycleConfiguration/Rules/0/ExpirationInDays")
                        .intValue())
                .isEqualTo(90);
    }

    @Test
    void newModelsAreAnnouncedWithoutALambda() {
        assertThat(bucket("LakeArtifacts").path("NotificationConfiguration"))
                .isEqualTo(json("{'EventBridgeConfiguration':{'EventBridgeEnabled':true}}"));
        assertThat(data.types()).noneMatch(type -> type.startsWith("AWS::Lambda::") || type.startsWith("Custom::"));
    }

    @Test
    void bucketsHaveNoNamesThatCouldCollide() {
        assertThat(data.all(BUCKET))
                .allSatisfy(bucket -> assertThat(bucket.has("BucketName")).isFalse());
    }

    private JsonNode bucket(String name) {
        return data.resource(BUCKET, name).path("Properties");
    }

    private static String algorithm(JsonNode bucket) {
        return bucket.at(
                        "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/SSEAlgorithm")
                .textValue();
    }

    private List<JsonNode> statements(String bucket) {
        return data.resources(POLICY).values().stream()
                .map(resource -> resource.path("Properties"))
                .filter(policy -> texts(policy.path("Bucket")).contains("{\"Ref\":\"" + bucket + "\"}"))
                .flatMap(policy -> StackTemplate.JSON
                        .convertValue(policy.at("/PolicyDocument/Statement"), JsonNode.class)
                        .valueStream())
                .toList();
    }
}
