package dev.modelserving.infra.observability;

import static dev.modelserving.infra.observability.ServiceLogMetrics.over;

import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ModelWorkflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.constructs.Construct;

/** What people are told of releases of models. No two of these alarms ring for the same execution, and none without one. */
public final class WorkflowAlarms extends Construct {
    private static final Duration FIVE_MINUTES = Duration.minutes(5);

    private static final String UNSUCCESSFUL = "FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)";

    private final WorkflowAlarmsProps props;
    private final List<Alarm> alarms = new ArrayList<>();

    public WorkflowAlarms(Construct scope, String id, WorkflowAlarmsProps props) {
        super(scope, id);
        this.props = props;
        alarms.add(failed());
        ManifestTrigger trigger = props.trigger();
        if (trigger != null) {
            alarms.add(notStarted(trigger));
        }
        alarms.add(slow());
        alarms.add(throttled());
        alarms.forEach(props.topic()::announce);
    }

    /** In the order of their urgency. */
    public List<Alarm> alarms() {
        return List.copyOf(alarms);
    }

    /** What a release takes at most that needs no second attempt, in milliseconds. */
    static long slowMillis(ModelWorkflow workflow) {
        return workflow.verifyWithin().toMilliseconds().longValue()
                + workflow.serveWithin().toMilliseconds().longValue();
    }

    /**
     * One that was stopped counts too: whoever stops it need not know that it was about to put a champion back, and nothing
     * else does that before the next release of the model.
     */
    private Alarm failed() {
        return alarm("ReleaseFailed", "release-failed", unsuccessful())
                .alarmDescription(
                        "An execution of the workflow failed, timed out or was stopped: a version was rejected, or"
                                + " was not promoted, or was taken back because replicas did not serve it.\n"
                                + "First: open it in Step Functions, or list-executions --status-filter FAILED: Error says which"
                                + " of these, Cause why. ModelRejected is for those who trained it; for the others see"
                                + " docs/operations.md.")
                .evaluationPeriods(1)
                .build();
    }

    private Alarm notStarted(ManifestTrigger trigger) {
        return alarm(
                        "ReleaseNotStarted",
                        "release-not-started",
                        trigger.metricNotStarted()
                                .with(MetricOptions.builder()
                                        .period(FIVE_MINUTES)
                                        .build()))
                .alarmDescription(
                        "A manifest arrived, and EventBridge could not start the workflow for it within a day.\n"
                                + "First: the messages in the queue NotStarted name manifests and say why (ERROR_CODE). Then"
                                + " start the workflow by hand for each, with manifestKey, and purge the queue.")
                .evaluationPeriods(1)
                .build();
    }

    private Alarm slow() {
        IMetric time = MathExpression.Builder.create()
                .expression("IF(%s > 0, 0, time)".formatted(UNSUCCESSFUL))
                .usingMetrics(with(
                        "time", over(FIVE_MINUTES, props.workflow().metricTime().with(longest()))))
                .period(FIVE_MINUTES)
                .label("longest, ms")
                .build();
        return alarm("ReleaseSlow", "release-slow", time)
                .alarmDescription(
                        ("A release succeeded, but took longer than a verification (%s) and the replicas (%s) may"
                                        + " take: it needed further attempts, or waited for capacity.\n"
                                        + "First: its history in Step Functions shows what was repeated: temporary failures"
                                        + " (exit 75), no capacity of Fargate, or transactions in conflict.")
                                .formatted(
                                        props.workflow().verifyWithin().toHumanString(),
                                        props.workflow().serveWithin().toHumanString()))
                .threshold(slowMillis(props.workflow()))
                .evaluationPeriods(1)
                .build();
    }

    private Alarm throttled() {
        return alarm(
                        "ReleaseThrottled",
                        "release-throttled",
                        over(Duration.minutes(1), props.workflow().metricThrottled()))
                .alarmDescription("Step Functions holds steps of the workflow up, in 10 of 15 minutes: the account and"
                        + " region have more transitions than their quota.\n"
                        + "First: which state machine of the account makes so many? Then have the quota raised, or start"
                        + " fewer releases at once.")
                .evaluationPeriods(15)
                .datapointsToAlarm(10)
                .build();
    }

    private IMetric unsuccessful() {
        return MathExpression.Builder.create()
                .expression(UNSUCCESSFUL)
                .usingMetrics(endings())
                .period(FIVE_MINUTES)
                .label("not successful")
                .build();
    }

    private Map<String, IMetric> endings() {
        ModelWorkflow workflow = props.workflow();
        return new TreeMap<>(Map.of(
                "failed", over(FIVE_MINUTES, workflow.metricFailed()),
                "timedOut", over(FIVE_MINUTES, workflow.metricTimedOut()),
                "aborted", over(FIVE_MINUTES, workflow.metricAborted())));
    }

    private Map<String, IMetric> with(String id, IMetric metric) {
        Map<String, IMetric> metrics = endings();
        metrics.put(id, metric);
        return metrics;
    }

    private static MetricOptions longest() {
        return MetricOptions.builder().statistic(Stats.MAXIMUM).build();
    }

    private Alarm.Builder alarm(String id, String name, IMetric metric) {
        return Alarm.Builder.create(this, id)
                .alarmName(props.namePrefix() + "-" + name)
                .metric(metric)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                .threshold(0)
                // Nothing was released.
                .treatMissingData(TreatMissingData.NOT_BREACHING);
    }
}
