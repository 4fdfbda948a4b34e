package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.EmulatedAws;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ExtendWith(EmulatedAws.class)
class DynamoDbReplicaRegistryIT {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final String task = "task-" + UUID.randomUUID();
    private LocalAws aws;
    private ReplicaRegistry registry;

    @BeforeEach
    void open(LocalAws emulated) {
        aws = emulated;
        registry = new DynamoDbReplicaRegistry(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC());
    }

    @Test
    void readsWhatWasReportedUntilItIsTakenBack() throws Exception {
        ReplicaReport report = report(now.plusSeconds(60));
        registry.report(report);
        assertThat(own(now)).containsExactly(report);
        registry.withdraw(task);
        assertThat(own(now)).isEmpty();
    }

    @Test
    void ignoresWhatHasExpired() throws Exception {
        registry.report(report(now.plusSeconds(60)));
        assertThat(own(now.plusSeconds(61))).isEmpty();
    }

    @Test
    void writesTheItemOfTheContract() throws Exception {
        registry.report(report(now.plusSeconds(60)));
        String created = item().get("createdAt").s();
        registry.report(report(now.plusSeconds(90)));
        Map<String, AttributeValue> item = item();
        assertThat(item.keySet())
                .containsExactlyInAnyOrder(
                        "pk",
                        "sk",
                        "entity",
                        "models",
                        "executionMode",
                        "address",
                        "expiresAt",
                        "updatedAt",
                        "createdAt");
        assertThat(item.get("createdAt").s()).isEqualTo(created);
        assertThat(item.get("expiresAt").n())
                .isEqualTo(Long.toString(now.plusSeconds(90).getEpochSecond()));
        Map<String, AttributeValue> iris = item.get("models").m().get("iris").m();
        assertThat(iris.get("version").n()).isEqualTo("1");
        assertThat(iris.get("target").n()).isEqualTo("2");
        assertThat(iris.get("state").s()).isEqualTo("FAILED");
    }

    @Test
    void readsReportsOfOlderServicesThatKnowNoTarget() throws Exception {
        aws.dynamoDb()
                .putItem(put -> put.tableName(LocalAws.TABLE)
                        .item(Map.of(
                                "pk", AttributeValue.fromS("REPLICA#" + task),
                                "sk", AttributeValue.fromS("LOADED"),
                                "entity", AttributeValue.fromS("REPLICA"),
                                "updatedAt", AttributeValue.fromS("2026-01-01T00:00:00.000Z"),
                                "expiresAt",
                                        AttributeValue.fromN(Long.toString(
                                                now.plusSeconds(60).getEpochSecond())),
                                "models",
                                        AttributeValue.fromM(Map.of(
                                                "iris",
                                                AttributeValue.fromM(Map.of(
                                                        "version", AttributeValue.fromN("3"),
                                                        "state", AttributeValue.fromS("READY"))))))));
        assertThat(own(now))
                .singleElement()
                .satisfies(report -> assertThat(report.isReady(new ModelId("iris"), new ModelVersion(3)))
                        .isTrue());
    }

    @Test
    void saysThatTheTableCannotBeReached() {
        ReplicaRegistry elsewhere = new DynamoDbReplicaRegistry(aws.dynamoDb(), "no-such-table", Clock.systemUTC());
        assertThatThrownBy(() -> elsewhere.live(now)).isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> elsewhere.report(report(now))).isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> elsewhere.withdraw(task)).isInstanceOf(RegistryException.class);
    }

    private ReplicaReport report(Instant expiresAt) {
        return new ReplicaReport(
                task,
                Map.of(
                        new ModelId("iris"),
                        new ReplicaReport.Model(new ModelVersion(1), new ModelVersion(2), "FAILED", "it is broken"),
                        new ModelId("digits"),
                        new ReplicaReport.Model(new ModelVersion(1), new ModelVersion(1), "READY", "")),
                "standalone",
                "10.0.0.1:8080",
                expiresAt);
    }

    private List<ReplicaReport> own(Instant at) throws RegistryException {
        return registry.live(at).stream()
                .filter(report -> report.taskId().equals(task))
                .toList();
    }

    private Map<String, AttributeValue> item() {
        return aws.dynamoDb()
                .getItem(get -> get.tableName(LocalAws.TABLE)
                        .key(Map.of(
                                "pk", AttributeValue.fromS("REPLICA#" + task),
                                "sk", AttributeValue.fromS("LOADED"))))
                .item();
    }
}
