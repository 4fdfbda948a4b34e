package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What people are told of releases. */
class WorkflowAlarmsTest {
    private final Map<String, JsonNode> alarms =
            alarms(Templates.of("workflow: {verifyWithin: 10m, serveWithin: 90s}"));

    @Test
    void aReleaseThatDidNotSucceedRingsHoweverItEnded() {
        JsonNode alarm = alarms.get("release-failed");
        assertThat(alarm.at("/Metrics/0/Expression").textValue())
                .isEqualTo("FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)");
        assertThat(alarm.path("Metrics").findValuesAsText("MetricName"))
                .containsExactlyInAnyOrder("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted");
        assertThat(alarm.path("Metrics").findValuesAsText("Stat")).containsOnly("Sum");
        assertRingsAboveNothing(alarm, 1);
    }

    @Test
    void aReleaseThatNeededMoreThanOneAttemptRingsThoughItSucceeded() {
        JsonNode alarm = alarms.get("release-slow");
        assertThat(alarm.at("/Metrics/0/Expression").textValue())
                .isEqualTo("IF(FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0) > 0, 0, time)");
        assertThat(alarm.path("Threshold").longValue()).isEqualTo((10 * 60 + 90) * 1000L);
        assertThat(alarm.path("Metrics").findValuesAsText("Stat")).contains("Maximum");
    }

    @Test
    void aManifestForWhichNothingCouldBeStartedRings() {
        JsonNode alarm = alarms.get("release-not-started");
        assertThat(alarm.path("MetricName").textValue()).isEqualTo("ApproximateNumberOfMessagesVisible");
        assertThat(alarm.path("Statistic").textValue()).isEqualTo("Maximum");
        assertThat(alarm.at("/Dimensions/0/Value").toString()).contains("OnManifestNotStarted");
        assertRingsAboveNothing(alarm, 1);
    }

    @Test
    void stepsThatAreHeldUpForLongRing() {
        JsonNode alarm = alarms.get("release-throttled");
        assertThat(alarm.path("MetricName").textValue()).isEqualTo("ExecutionThrottled");
        assertThat(alarm.path("DatapointsToAlarm").intValue()).isEqualTo(10);
        assertRingsAboveNothing(alarm, 15);
    }

    @Test
    void theyTellTheTopicOfTheStage() {
        assertThat(alarms.values())
                .allSatisfy(alarm -> assertThat(
                                alarm.at("/AlarmActions/0/Fn::ImportValue").textValue())
                        .contains("AlarmsTopic"));
    }

    private static void assertRingsAboveNothing(JsonNode alarm, int periods) {
        assertThat(alarm.path("Threshold").intValue()).isZero();
        assertThat(alarm.path("ComparisonOperator").textValue()).isEqualTo("GreaterThanThreshold");
        assertThat(alarm.path("TreatMissingData").textValue()).isEqualTo("notBreaching");
        assertThat(alarm.path("EvaluationPeriods").intValue()).isEqualTo(periods);
    }

    private static Map<String, JsonNode> alarms(Templates templates) {
        List<JsonNode> all = templates.all().stream()
                .flatMap(template -> template.all("AWS::CloudWatch::Alarm").stream())
                .filter(alarm -> alarm.path("AlarmName").asText().contains("-release-"))
                .toList();
        return all.stream()
                .collect(Collectors.toMap(
                        alarm -> alarm.path("AlarmName").asText().replace("model-serving-test-", ""),
                        alarm -> alarm,
                        (a, b) -> a,
                        TreeMap::new));
    }
}
