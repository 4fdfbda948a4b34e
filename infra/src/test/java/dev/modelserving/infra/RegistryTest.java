package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** The table that says which version of a model is champion. */
class RegistryTest {
    private static final String TABLE = "AWS::DynamoDB::GlobalTable";

    private final JsonNode table = Templates.of().data().only(TABLE);

    @Test
    void theKeysAreThoseOfTheContract() {
        assertThat(table.path("KeySchema"))
                .isEqualTo(json("[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}]"));
        assertThat(table.path("AttributeDefinitions"))
                .hasSize(4)
                .allSatisfy(attribute ->
                        assertThat(attribute.path("AttributeType").textValue()).isEqualTo("S"));
    }

    @Test
    void itIsPolledByEntityAndTime() {
        assertThat(table.path("GlobalSecondaryIndexes")).isEqualTo(json("""
                [{'IndexName':'byEntity',
                  'KeySchema':[{'AttributeName':'entity','KeyType':'HASH'},{'AttributeName':'updatedAt','KeyType':'RANGE'}],
                  'Projection':{'ProjectionType':'ALL'}}]"""));
    }

    @Test
    void itIsPaidByRequest() {
        assertThat(table.path("BillingMode").textValue()).isEqualTo("PAY_PER_REQUEST");
    }

    @Test
    void itCanBeRestoredToAnyPointInTime() {
        assertThat(replica(table)
                        .at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void reportsOfReplicasExpire() {
        assertThat(table.path("TimeToLiveSpecification"))
                .isEqualTo(json("{'AttributeName':'expiresAt','Enabled':true}"));
    }

    @Test
    void itCannotBeDeletedUnlessTheStageIsToTryThings() {
        assertThat(replica(table).path("DeletionProtectionEnabled").booleanValue())
                .isTrue();
        JsonNode tryout = Templates.of("data:", "  keep: false").data().only(TABLE);
        assertThat(replica(tryout).path("DeletionProtectionEnabled").booleanValue())
                .isFalse();
    }

    @Test
    void itIsEncryptedByTheStagesKeyIfThereIsOne() {
        assertThat(table.path("SSESpecification")).isEqualTo(json("{'SSEEnabled':false}"));
        JsonNode encrypted =
                Templates.of("data:", "  encryption: customer-key").data().only(TABLE);
        assertThat(encrypted.path("SSESpecification")).isEqualTo(json("{'SSEEnabled':true,'SSEType':'KMS'}"));
        assertThat(replica(encrypted).at("/SSESpecification/KMSMasterKeyId").toString())
                .contains("Key");
    }

    @Test
    void itLivesInOneRegionAndHasNoNameThatCouldCollide() {
        assertThat(table.path("Replicas")).hasSize(1);
        assertThat(replica(table).path("Region").textValue()).isEqualTo("eu-west-1");
        assertThat(table.has("TableName")).isFalse();
    }

    private static JsonNode replica(JsonNode table) {
        return table.at("/Replicas/0");
    }
}
