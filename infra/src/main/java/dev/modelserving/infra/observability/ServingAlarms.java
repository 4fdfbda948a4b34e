package dev.modelserving.infra.observability;

import static dev.modelserving.infra.observability.ServiceLogMetrics.over;

import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Acknowledgment;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.events.EventField;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleTargetInput;
import software.amazon.awscdk.services.events.targets.SnsTopic;
import software.constructs.Construct;

/**
 * What people are told of a stage beside {@link DeploymentAlarm}. Each alarm has a cause of its own and a first action of
 * its own, which its description says; no two of them ring for the same thing.
 *
 * <p>Nothing rings because nobody calls. No data is no alarm either, but where it means that no task runs.
 */
public final class ServingAlarms extends Construct {
    /** Of a task's memory, in percent: beyond what models, heap and the rest take when models fill what they may. */
    static final int MEMORY_PERCENT = 95;

    private static final int CPU_PERCENT = 85;

    /** Above the target of scaling, which CPU swings around, in percent. */
    private static final int BEYOND_TARGET = 10;

    /** Answers in five minutes, below which one in a hundred is none. */
    private static final int LEAST_ANSWERS = 100;

    private static final Duration FIVE_MINUTES = Duration.minutes(5);
    private static final Duration A_QUARTER = Duration.minutes(15);

    private final ServingAlarmsProps props;
    private final List<Alarm> alarms = new ArrayList<>();

    public ServingAlarms(Construct scope, String id, ServingAlarmsProps props) {
        super(scope, id);
        this.props = props;
        alarms.add(tasksMissing());
        alarms.add(slow());
        alarms.add(notScaling());
        alarms.add(atMost());
        alarms.add(memory());
        alarms.add(modelsNotLoading());
        alarms.add(predictionsNotLogged());
        alarms.add(registryThrottled());
        alarms.forEach(props.topic()::announce);
        failedDeployments();
    }

    /** In the order of their urgency. */
    public List<Alarm> alarms() {
        return List.copyOf(alarms);
    }

    private Alarm tasksMissing() {
        int least = props.service().minReplicas();
        return alarm("TasksMissing", "tasks-missing", props.service().metricRunningTasks())
                .alarmDescription(("Fewer than %d tasks run, for 5 minutes; with no data, none does.\n"
                                + "First: the service's events and its stopped tasks in ECS say why tasks end or do"
                                + " not start (image, memory, capacity, health). Then recent errors in the log."
                                + " In a cluster without Container Insights there is never data.")
                        .formatted(least))
                .comparisonOperator(ComparisonOperator.LESS_THAN_THRESHOLD)
                .threshold(least)
                .evaluationPeriods(5)
                // ECS reports nothing of a service without tasks.
                .treatMissingData(TreatMissingData.BREACHING)
                .build();
    }

    private Alarm slow() {
        IMetric slowest = MathExpression.Builder.create()
                .expression("IF(answers >= %d, time, 0)".formatted(LEAST_ANSWERS))
                .usingMetrics(new TreeMap<>(Map.of(
                        "answers",
                        over(FIVE_MINUTES, props.metrics().metricAnswerTime(Stats.SAMPLE_COUNT)),
                        "time",
                        over(FIVE_MINUTES, props.metrics().metricAnswerTime(Stats.percentile(99))))))
                .period(FIVE_MINUTES)
                .label("p99, ms")
                .build();
        return alarm("Slow", "slow", slowest)
                .alarmDescription(
                        ("One in a hundred answers took longer than %s, for 15 minutes with at least %d answers"
                                        + " in each 5.\n"
                                        + "First: the table of models on the dashboard shows whether one model is slow or all"
                                        + " are. One: a promotion, or larger requests. All: CPU, and how many tasks run.")
                                .formatted(props.latencyP99().toHumanString(), LEAST_ANSWERS))
                .threshold(props.latencyP99().toMilliseconds())
                .evaluationPeriods(3)
                // Nobody was answered, so nobody waited.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm notScaling() {
        EcsFargateServiceConstruct service = props.service();
        return alarm("NotScaling", "not-scaling", cpuWhere("running < " + service.maxReplicas()))
                .alarmDescription(("CPU is above %d %% for 15 minutes, and fewer than the %d tasks that may run do.\n"
                                + "First: the service's events in ECS. Either tasks do not start (capacity, image, a"
                                + " deployment under way), or its scaling is suspended.")
                        .formatted(CPU_PERCENT, service.maxReplicas()))
                .threshold(CPU_PERCENT)
                .evaluationPeriods(3)
                // No task reports: another alarm's.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm atMost() {
        EcsFargateServiceConstruct service = props.service();
        int percent = service.targetCpuPercent() + BEYOND_TARGET;
        return alarm("AtMost", "at-max", cpuWhere("running >= " + service.maxReplicas()))
                .alarmDescription(("All of the %d tasks that may run do, and CPU is above %d %% for 30 minutes:"
                                + " there is no reserve.\n"
                                + "First: is the traffic wanted? Then raise maxReplicas, or the CPU of a task, in the"
                                + " stage's settings and deploy.")
                        .formatted(service.maxReplicas(), percent))
                .threshold(percent)
                .evaluationPeriods(6)
                // No task reports: another alarm's.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm memory() {
        Metric fullest = props.service()
                .metricMemoryUtilization()
                .with(MetricOptions.builder()
                        .statistic(Stats.MAXIMUM)
                        .period(FIVE_MINUTES)
                        .build());
        return alarm("Memory", "memory", fullest)
                .alarmDescription(("A task uses more than %d %% of its memory, for 15 minutes. At 100 it is killed and"
                                + " replaced.\n"
                                + "First: GET /models says what models take. Serve fewer, lower MODEL_MEMORY_MAX_BYTES,"
                                + " or raise the memory of a task in the stage's settings.")
                        .formatted(MEMORY_PERCENT))
                .threshold(MEMORY_PERCENT)
                .evaluationPeriods(3)
                // No task reports: another alarm's.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm modelsNotLoading() {
        return alarm(
                        "ModelsNotLoading",
                        "model-not-loading",
                        over(A_QUARTER, props.metrics().metricModelLoadFailures()))
                .alarmDescription(
                        "A version of a model could not be loaded; where there is an older one, that answers.\n"
                                + "First: the log says which and why: filter message like /cannot be served/. GET /models shows"
                                + " whether it has come right since. Else move its champion alias back, or register it anew.")
                .threshold(0)
                .evaluationPeriods(1)
                // Nothing was said.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm predictionsNotLogged() {
        return alarm(
                        "PredictionsNotLogged",
                        "predictions-not-logged",
                        over(A_QUARTER, props.metrics().metricPredictionLogFailures()))
                .alarmDescription("The prediction log cannot be written, or predictions are missing in it."
                        + " Callers notice nothing.\n"
                        + "First: the log says why: filter logger_name like /predictionlog/. Usually the gold bucket's"
                        + " policy or its key. GET /health counts what was dropped.")
                .threshold(0)
                .evaluationPeriods(1)
                // Nothing was said.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    private Alarm registryThrottled() {
        MathExpression refused = MathExpression.Builder.create()
                .expression("reads + writes")
                .usingMetrics(new TreeMap<>(Map.of(
                        "reads", props.registry().metricReadThrottles(),
                        "writes", props.registry().metricWriteThrottles())))
                .period(Duration.minutes(1))
                .label("refused")
                .build();
        return alarm("RegistryThrottled", "registry-throttled", refused)
                .alarmDescription(
                        "The registry's table refuses requests, in 10 of 15 minutes. Predictions go on; promotions"
                                + " are seen late, and replicas may seem to be gone.\n"
                                + "First: who asks so much? The dashboard shows reads and writes. More replicas or models:"
                                + " a longer REGISTRY_POLL_INTERVAL. Somebody else: the table's maximum, or that somebody.")
                .threshold(0)
                .evaluationPeriods(15)
                .datapointsToAlarm(10)
                // DynamoDB counts only when it refuses.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
    }

    /** The rollback itself: of a deployment that rings the alarm, or whose tasks do not get healthy. */
    private void failedDeployments() {
        Rule rule = Rule.Builder.create(this, "DeploymentFailed")
                .description("Tells that a deployment of model serving has failed")
                .eventPattern(EventPattern.builder()
                        .source(List.of("aws.ecs"))
                        .detailType(List.of("ECS Deployment State Change"))
                        .resources(List.of(props.service().service().getServiceArn()))
                        .detail(Map.of("eventName", List.of("SERVICE_DEPLOYMENT_FAILED")))
                        .build())
                .targets(List.of(SnsTopic.Builder.create(props.topic().topic())
                        .message(RuleTargetInput.fromText(("A deployment of %s failed at %s: %s The tasks of the one"
                                        + " before come back. First: stopped tasks of the service in ECS, and recent"
                                        + " errors on the dashboard.")
                                .formatted(
                                        props.namePrefix(),
                                        EventField.fromPath("$.detail.updatedAt"),
                                        EventField.fromPath("$.detail.reason"))))
                        .build()))
                .build();
        Validations.of(rule)
                .acknowledge(Acknowledgment.builder()
                        .id("@aws-cdk/aws-events:ruleUnresolvedEnvironment")
                        .reason("The topic is in the stage's own account and region.")
                        .build());
    }

    private Alarm.Builder alarm(String id, String name, IMetric metric) {
        return Alarm.Builder.create(this, id)
                .alarmName(props.namePrefix() + "-" + name)
                .metric(metric)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD);
    }

    /** CPU of all tasks while a condition on {@code running} holds, else 0: so one of two alarms rings, never both. */
    private MathExpression cpuWhere(String condition) {
        return MathExpression.Builder.create()
                .expression("IF(%s, cpu, 0)".formatted(condition))
                .usingMetrics(new TreeMap<>(Map.of(
                        "running", over(FIVE_MINUTES, props.service().metricRunningTasks()),
                        "cpu", over(FIVE_MINUTES, props.service().metricCpuUtilization()))))
                .period(FIVE_MINUTES)
                .label("CPU, %")
                .build();
    }
}
