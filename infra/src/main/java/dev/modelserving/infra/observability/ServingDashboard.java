package dev.modelserving.infra.observability;

import static dev.modelserving.infra.observability.WidgetStyle.A_MINUTE;
import static dev.modelserving.infra.observability.WidgetStyle.HALF;
import static dev.modelserving.infra.observability.WidgetStyle.NUMBER_HEIGHT;
import static dev.modelserving.infra.observability.WidgetStyle.SIXTH;
import static dev.modelserving.infra.observability.WidgetStyle.TABLE_HEIGHT;
import static dev.modelserving.infra.observability.WidgetStyle.THIRD;
import static dev.modelserving.infra.observability.WidgetStyle.WIDTH;
import static dev.modelserving.infra.observability.WidgetStyle.axis;
import static dev.modelserving.infra.observability.WidgetStyle.expression;
import static dev.modelserving.infra.observability.WidgetStyle.graph;
import static dev.modelserving.infra.observability.WidgetStyle.labeled;
import static dev.modelserving.infra.observability.WidgetStyle.line;
import static dev.modelserving.infra.observability.WidgetStyle.number;
import static dev.modelserving.infra.observability.WidgetStyle.perMinute;
import static dev.modelserving.infra.observability.WidgetStyle.sum;

import dev.modelserving.infra.door.InferenceDoor;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import dev.modelserving.infra.workflow.ModelWorkflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidget;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidgetSortBy;
import software.amazon.awscdk.services.cloudwatch.Color;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.LogQueryVisualizationType;
import software.amazon.awscdk.services.cloudwatch.LogQueryWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.cloudwatch.YAxisProps;
import software.constructs.Construct;

/**
 * One page for the question "is it well, and if not, where?": numbers of now, then time, then tasks, then what is behind
 * them, then releases of models, then models and lines of the log by name. Counts are rates per minute, so that they mean the same at every range
 * of time that is chosen.
 */
public final class ServingDashboard extends Construct {
    private final ServingDashboardProps props;

    public ServingDashboard(Construct scope, String id, ServingDashboardProps props) {
        super(scope, id);
        this.props = props;
        Dashboard.Builder.create(this, "Dashboard")
                .dashboardName(props.name())
                .defaultInterval(Duration.hours(3))
                .widgets(rows())
                .build();
    }

    private List<List<IWidget>> rows() {
        List<List<IWidget>> rows = new ArrayList<>(List.of(
                List.of(predictionsNow(), failedNow(), slowestNow(), tasksNow(), alarms()),
                List.of(outcomes(), answerTimes()),
                List.of(cpu(), memory(), tasks()),
                behind()));
        ModelWorkflow workflow = props.workflow();
        if (workflow != null) {
            rows.add(new WorkflowWidgets(workflow, props.trigger()).row());
        }
        rows.add(List.of(models()));
        rows.add(List.of(complaints()));
        return rows;
    }

    public String name() {
        return props.name();
    }

    // Now

    private IWidget predictionsNow() {
        return number(
                "Predictions a minute",
                perMinute("predictions", props.metrics().metricPredictions(), "a minute", Color.BLUE));
    }

    private IWidget failedNow() {
        return number(
                "Failed, % of predictions",
                props.metrics().metricFailedPercent(1, A_MINUTE).with(expression("failed, %", Color.RED)));
    }

    private IWidget slowestNow() {
        return number("99 of 100 answered within", answerTime(99, Color.PURPLE));
    }

    private IWidget tasksNow() {
        EcsFargateServiceConstruct service = props.service();
        return number(
                "Tasks",
                service.metricRunningTasks().with(labeled("running", Color.GREEN)),
                service.metricDesiredTasks().with(labeled("wanted", Color.GREY)));
    }

    private IWidget alarms() {
        return AlarmStatusWidget.Builder.create()
                .title("Alarms, ringing first")
                .alarms(props.alarms())
                .sortBy(AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP)
                .width(WIDTH - 4 * SIXTH)
                .height(NUMBER_HEIGHT)
                .build();
    }

    // Over time: what callers see

    private IWidget outcomes() {
        ServiceLogMetrics metrics = props.metrics();
        MathExpression answered = MathExpression.Builder.create()
                .expression("60 * (predictions - refused - overloaded - failed) / PERIOD(predictions)")
                .usingMetrics(new TreeMap<>(Map.of(
                        "predictions", metrics.metricPredictions(),
                        "refused", metrics.metricRefused(),
                        "overloaded", metrics.metricOverloaded(),
                        "failed", metrics.metricFailed())))
                .period(A_MINUTE)
                .label("answered")
                .color(Color.GREEN)
                .build();
        return graph("Predictions a minute, by outcome", HALF, "a minute")
                .stacked(true)
                .left(List.of(
                        perMinute("failed", metrics.metricFailed(), "failed (5xx)", Color.RED),
                        perMinute("overloaded", metrics.metricOverloaded(), "overloaded (429)", Color.PURPLE),
                        perMinute("refused", metrics.metricRefused(), "refused (4xx)", Color.ORANGE),
                        answered))
                .right(List.of(deployments()))
                .rightYAxis(deploymentsAxis())
                .build();
    }

    private IWidget answerTimes() {
        return graph("Time to answer", HALF, "milliseconds")
                .left(List.of(answerTime(50, Color.GREEN), answerTime(90, Color.ORANGE), answerTime(99, Color.PURPLE)))
                .leftAnnotations(List.of(line(props.latencyP99().toMilliseconds(), "p99 of the alarm", Color.RED)))
                .right(List.of(deployments()))
                .rightYAxis(deploymentsAxis())
                .build();
    }

    /** A dashboard has marks for moments that are known beforehand only; this one draws itself. */
    private IMetric deployments() {
        return MathExpression.Builder.create()
                .expression("IF(deployments > 1, 1, 0)")
                .usingMetrics(Map.of("deployments", props.service().metricDeployments()))
                .period(A_MINUTE)
                .label("deployment under way")
                .color(Color.GREY)
                .build();
    }

    private static YAxisProps deploymentsAxis() {
        return YAxisProps.builder().min(0).max(1).showUnits(false).build();
    }

    // Over time: tasks

    private IWidget cpu() {
        EcsFargateServiceConstruct service = props.service();
        return graph("CPU", THIRD, "% of what tasks have")
                .left(List.of(
                        service.metricCpuUtilization().with(labeled("all tasks", Color.BLUE)),
                        service.metricCpuUtilization().with(labeled("busiest task", Color.ORANGE, Stats.MAXIMUM))))
                .leftAnnotations(List.of(line(service.targetCpuPercent(), "tasks are added", Color.GREY)))
                .build();
    }

    private IWidget memory() {
        EcsFargateServiceConstruct service = props.service();
        return graph("Memory", THIRD, "% of what tasks have")
                .left(List.of(
                        service.metricMemoryUtilization().with(labeled("all tasks", Color.BLUE)),
                        service.metricMemoryUtilization().with(labeled("fullest task", Color.ORANGE, Stats.MAXIMUM))))
                .leftAnnotations(
                        List.of(line(ServingAlarms.MEMORY_PERCENT, "alarm", Color.RED), line(100, "killed", Color.RED)))
                .build();
    }

    private IWidget tasks() {
        EcsFargateServiceConstruct service = props.service();
        return graph("Tasks", THIRD, "tasks")
                .left(List.of(
                        service.metricRunningTasks().with(labeled("running", Color.GREEN)),
                        service.metricDesiredTasks().with(labeled("wanted", Color.GREY)),
                        service.metricPendingTasks().with(labeled("starting", Color.ORANGE))))
                .leftAnnotations(List.of(
                        line(service.minReplicas(), "at least", Color.GREY),
                        line(service.maxReplicas(), "at most", Color.GREY)))
                .build();
    }

    // What is behind, and the door

    private List<IWidget> behind() {
        InferenceDoor door = props.door();
        int width = door == null ? HALF : THIRD;
        List<IWidget> row = new ArrayList<>(List.of(complaintsOverTime(width), registry(width)));
        if (door != null) {
            row.add(door(door, width));
        }
        return row;
    }

    private IWidget complaintsOverTime(int width) {
        ServiceLogMetrics metrics = props.metrics();
        return graph("Lines of the log that need somebody", width, "lines a minute")
                .left(List.of(
                        perMinute("errors", metrics.metricErrorLines(), "errors", Color.RED),
                        perMinute("loads", metrics.metricModelLoadFailures(), "a model does not load", Color.ORANGE),
                        perMinute(
                                "unlogged",
                                metrics.metricPredictionLogFailures(),
                                "predictions are not logged",
                                Color.PURPLE)))
                .build();
    }

    private IWidget registry(int width) {
        ModelRegistryTable table = props.registry();
        return graph("Registry table", width, "capacity units a minute")
                .left(List.of(
                        table.metricConsumedReads().with(expression("read", Color.BLUE)),
                        table.metricConsumedWrites().with(expression("written", Color.GREEN))))
                .right(List.of(
                        table.metricReadThrottles().with(expression("reads refused", Color.RED)),
                        table.metricWriteThrottles().with(expression("writes refused", Color.ORANGE))))
                .rightYAxis(axis("refused a minute"))
                .build();
    }

    private static IWidget door(InferenceDoor door, int width) {
        return graph("Door from outside", width, "requests a minute")
                .left(List.of(
                        perMinute("requests", door.metricCount().with(sum()), "requests", Color.BLUE),
                        perMinute("refusals", door.metricClientError().with(sum()), "refused (4xx)", Color.ORANGE),
                        perMinute("failures", door.metricServerError().with(sum()), "failed (5xx)", Color.RED)))
                .right(List.of(door.metricLatency().with(labeled("p99, ms", Color.PURPLE, Stats.percentile(99)))))
                .rightYAxis(axis("milliseconds"))
                .build();
    }

    // By name, from the log

    private IWidget models() {
        return query(
                "Models: requests, failures and time to answer",
                "filter logger_name = 'access' and ispresent(model_id)",
                "stats count(*) as requests, sum(status >= 500) as failed,"
                        + " sum(status >= 400) - sum(status >= 500) as refused,"
                        + " pct(duration_ms, 50) as p50_ms, pct(duration_ms, 99) as p99_ms, max(duration_ms) as longest_ms"
                        + " by model_id",
                "sort requests desc",
                "limit 100");
    }

    private IWidget complaints() {
        return query(
                "Latest errors and warnings",
                "fields @timestamp, level, logger_name, message, request_id",
                "filter level in ['ERROR', 'WARN']",
                "sort @timestamp desc",
                "limit 50");
    }

    private IWidget query(String title, String... lines) {
        return LogQueryWidget.Builder.create()
                .title(title)
                .logGroupNames(List.of(props.service().logGroup().getLogGroupName()))
                .view(LogQueryVisualizationType.TABLE)
                .queryLines(List.of(lines))
                .width(WIDTH)
                .height(TABLE_HEIGHT)
                .build();
    }

    private IMetric answerTime(int percentile, String color) {
        return props.metrics().metricAnswerTime(Stats.percentile(percentile)).with(labeled("p" + percentile, color));
    }
}
