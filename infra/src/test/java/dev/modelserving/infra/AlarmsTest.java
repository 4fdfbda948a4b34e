package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What people are told, and how it reaches them. */
class AlarmsTest {
    private static final String OWN_TOPIC = "arn:aws:sns:eu-west-1:123456789012:on-call";

    private static Synthesis stage;
    private static Map<String, JsonNode> alarms = Map.of();

    @BeforeAll
    static void synthesise() {
        stage = Synthesis.of("""
                region: eu-west-1
                data:
                  encryption: customer-key
                service:
                  minReplicas: 3
                  maxReplicas: 7
                observability:
                  latencyP99: 3s
                  alarmEmails: [night@example.org, day@example.org]
                """);
        alarms = alarms(stage);
    }

    @Test
    void anIdleStageRingsNoAlarm() {
        assertThat(alarms).allSatisfy((name, alarm) -> {
            boolean silentAtZero = alarm.path("ComparisonOperator").textValue().startsWith("GreaterThan")
                    && alarm.path("Threshold").doubleValue() >= 0;
            boolean silentWithoutData =
                    alarm.path("TreatMissingData").textValue().equals("notBreaching");
            assertThat(name.endsWith("-tasks-missing") || (silentAtZero && silentWithoutData))
                    .as(name)
                    .isTrue();
        });
    }

    @Test
    void aStageWithoutTasksRingsEvenIfNothingIsReported() {
        JsonNode alarm = alarm("tasks-missing");
        assertThat(alarm.path("TreatMissingData").textValue()).isEqualTo("breaching");
        assertThat(alarm.path("ComparisonOperator").textValue()).isEqualTo("LessThanThreshold");
        assertThat(alarm.path("Threshold").intValue()).isEqualTo(3);
    }

    @Test
    void slowAnswersRingAtTheStagesOwnLimit() {
        assertThat(alarm("slow").path("Threshold").intValue()).isEqualTo(3000);
    }

    @Test
    void highCpuRingsEitherBecauseThereIsNoReserveOrBecauseNothingScales() {
        assertThat(alarm("at-max").at("/Metrics/0/Expression").textValue()).isEqualTo("IF(running >= 7, cpu, 0)");
        assertThat(alarm("not-scaling").at("/Metrics/0/Expression").textValue()).isEqualTo("IF(running < 7, cpu, 0)");
    }

    @Test
    void theIndexThatIsPolledIsWatchedToo() {
        assertThat(alarm("registry-throttled").toString())
                .contains("ReadThrottleEvents", "WriteThrottleEvents", "byEntity");
    }

    @Test
    void noTwoAlarmsWatchTheSame() {
        assertThat(alarms.values())
                .extracting(
                        alarm -> alarm.path("Metrics").toString() + alarm.path("MetricName") + alarm.path("Statistic"))
                .doesNotHaveDuplicates();
    }

    @Test
    void everyAlarmSaysWhatItMeansAndWhatToDoFirst() {
        assertThat(alarms)
                .allSatisfy((name, alarm) -> assertThat(
                                alarm.path("AlarmDescription").textValue())
                        .as(name)
                        .contains("\nFirst: ")
                        .hasSizeLessThan(1024));
    }

    @Test
    void everyAlarmTellsWhenItBeginsAndWhenItEnds() {
        assertThat(alarms).hasSize(13).allSatisfy((name, alarm) -> {
            assertThat(alarm.path("AlarmActions")).as(name).hasSize(1);
            assertThat(alarm.path("OKActions")).as(name).isEqualTo(alarm.path("AlarmActions"));
        });
    }

    @Test
    void twoStagesFitIntoOneAccount() {
        assertThat(alarms.keySet()).allSatisfy(name -> assertThat(name).startsWith("model-serving-test-"));
        assertThat(dashboardName()).isEqualTo("model-serving-test-eu-west-1");
    }

    @Test
    void aFailedDeploymentIsTold() {
        JsonNode rule =
                Resources.of(stage.observability(), "AWS::Events::Rule").only().path("Properties");
        assertThat(rule.at("/EventPattern/source/0").textValue()).isEqualTo("aws.ecs");
        assertThat(rule.at("/EventPattern/detail/eventName/0").textValue()).isEqualTo("SERVICE_DEPLOYMENT_FAILED");
        assertThat(rule.at("/EventPattern/resources/0/Fn::ImportValue").textValue())
                .contains("Service");
        assertThat(rule.at("/Targets/0/Arn/Fn::ImportValue").textValue()).contains("AlarmsTopic");
    }

    @Test
    void theTopicTakesNothingUnencrypted() {
        stage.serving()
                .hasResourceProperties(
                        "AWS::SNS::TopicPolicy",
                        statement(Map.of(
                                "Effect",
                                "Deny",
                                "Principal",
                                "*",
                                "Action",
                                "sns:Publish",
                                "Condition",
                                Map.of("Bool", Map.of("aws:SecureTransport", "false")))));
    }

    /** A topic's own policy takes the place of the one that lets the account publish. */
    @Test
    void alarmsOfThisAccountMayPublish() {
        stage.serving()
                .hasResourceProperties(
                        "AWS::SNS::TopicPolicy",
                        statement(Map.of(
                                "Effect",
                                "Allow",
                                "Principal",
                                Map.of("Service", "cloudwatch.amazonaws.com"),
                                "Action",
                                "sns:Publish",
                                "Condition",
                                Map.of("StringEquals", Map.of("aws:SourceAccount", Map.of("Ref", "AWS::AccountId"))))));
    }

    /** EventBridge names no account when it uses a topic or its key; a condition would keep events away silently. */
    @Test
    void eventsReachAnEncryptedTopic() {
        Map<String, Object> topic = Map.of(
                "Effect", "Allow", "Principal", Map.of("Service", "events.amazonaws.com"), "Condition", Match.absent());
        stage.serving().hasResourceProperties("AWS::SNS::TopicPolicy", statement(topic));
        stage.data()
                .hasResourceProperties(
                        "AWS::KMS::Key",
                        Map.of("KeyPolicy", Map.of("Statement", Match.arrayWith(List.of(Match.objectLike(topic))))));
    }

    @Test
    void theStagesKeyEncryptsTheTopic() {
        JsonNode topic = Resources.of(stage.serving(), "AWS::SNS::Topic").only();
        assertThat(topic.at("/Properties/KmsMasterKeyId/Fn::ImportValue").textValue())
                .contains("Key");
    }

    @Test
    void everyAddressIsTold() {
        assertThat(Resources.of(stage.serving(), "AWS::SNS::Subscription").properties())
                .extracting(subscription -> subscription.path("Endpoint").textValue())
                .containsExactlyInAnyOrder("night@example.org", "day@example.org");
    }

    @Test
    void aTopicThatIsThereIsUsed() {
        Synthesis own = Synthesis.of("region: eu-west-1\nobservability:\n  alarmTopicArn: " + OWN_TOPIC);
        own.serving().resourceCountIs("AWS::SNS::Topic", 0);
        assertThat(alarms(own).values())
                .allSatisfy(alarm ->
                        assertThat(alarm.at("/AlarmActions/0").textValue()).isEqualTo(OWN_TOPIC));
    }

    private static Map<String, Object> statement(Map<String, Object> statement) {
        return Map.of("PolicyDocument", Map.of("Statement", Match.arrayWith(List.of(Match.objectLike(statement)))));
    }

    private static JsonNode alarm(String name) {
        return alarms.get("model-serving-test-" + name);
    }

    private static String dashboardName() {
        return Resources.of(stage.observability(), "AWS::CloudWatch::Dashboard")
                .only()
                .at("/Properties/DashboardName")
                .textValue();
    }

    private static Map<String, JsonNode> alarms(Synthesis stage) {
        List<JsonNode> all = new ArrayList<>();
        for (Template template : List.of(stage.serving(), stage.observability())) {
            all.addAll(Resources.of(template, "AWS::CloudWatch::Alarm").properties());
        }
        return all.stream()
                .collect(Collectors.toMap(
                        alarm -> alarm.path("AlarmName").textValue(), Function.identity(), (a, b) -> a, TreeMap::new));
    }
}
