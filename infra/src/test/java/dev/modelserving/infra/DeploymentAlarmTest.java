package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Template;

/** The alarm that ECS rolls deployments back by. */
class DeploymentAlarmTest {
    private static Template serving;
    private static JsonNode service;
    private static JsonNode alarm;

    @BeforeAll
    static void synthesise() {
        serving = Synthesis.of("region: eu-west-1").serving();
        service = Resources.of(serving, "AWS::ECS::Service").only();
        alarm = Resources.of(serving, "AWS::CloudWatch::Alarm").only();
    }

    @Test
    void aDeploymentThatFailsRequestsIsRolledBack() {
        JsonNode alarms = service.at("/Properties/DeploymentConfiguration/Alarms");
        assertThat(alarms.path("Enable").booleanValue()).isTrue();
        assertThat(alarms.path("Rollback").booleanValue()).isTrue();
        assertThat(alarms.path("AlarmNames")).singleElement().isEqualTo(alarm.at("/Properties/AlarmName"));
        assertThat(alarm.at("/Properties/Metrics").findValuesAsText("MetricName"))
                .containsExactlyInAnyOrder("Predictions", "FailedPredictions");
    }

    @Test
    void itIsThereBeforeTheFirstDeployment() {
        assertThat(service.path("DependsOn"))
                .extracting(JsonNode::textValue)
                .containsAll(serving.findResources("AWS::CloudWatch::Alarm").keySet())
                .containsAll(serving.findResources("AWS::Logs::MetricFilter").keySet());
    }

    @Test
    void itNeedsNoServiceToBeThere() {
        assertThat(alarm.findValuesAsText("Ref"))
                .allSatisfy(id -> assertThat(id).startsWith("AlarmsTopic"));
        assertThat(alarm.findValues("Fn::GetAtt")).isEmpty();
        assertThat(alarm.findValues("Dimensions")).isEmpty();
    }

    @Test
    void itWatchesWhatIsCountedBesideIt() {
        List<String> counted = Resources.of(serving, "AWS::Logs::MetricFilter").properties().stream()
                .map(filter -> filter.at("/MetricTransformations/0"))
                .map(metric -> metric.path("MetricNamespace").textValue() + " "
                        + metric.path("MetricName").textValue())
                .toList();
        List<String> watched = alarm.findValues("Metric").stream()
                .map(metric -> metric.path("Namespace").textValue() + " "
                        + metric.path("MetricName").textValue())
                .toList();
        assertThat(watched).hasSize(2).allSatisfy(metric -> assertThat(counted).contains(metric));
    }

    @Test
    void aFewFailuresOfManyRollNothingBack() {
        assertThat(alarm.at("/Properties/Metrics/0/Expression").textValue())
                .isEqualTo("IF(failed >= 5, 100 * failed / predictions, 0)");
        assertThat(alarm.at("/Properties/Threshold").intValue()).isEqualTo(5);
        assertThat(alarm.at("/Properties/TreatMissingData").textValue()).isEqualTo("notBreaching");
    }

    /** One that rings at the start has ECS watch none of them. */
    @Test
    void noOtherAlarmDecidesOnDeployments() {
        assertThat(service.at("/Properties/DeploymentConfiguration/Alarms/AlarmNames"))
                .hasSize(1);
    }
}
