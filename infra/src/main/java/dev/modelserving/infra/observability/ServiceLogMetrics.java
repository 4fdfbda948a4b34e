package dev.modelserving.infra.observability;

import static software.amazon.awscdk.services.logs.FilterPattern.all;
import static software.amazon.awscdk.services.logs.FilterPattern.any;
import static software.amazon.awscdk.services.logs.FilterPattern.numberValue;
import static software.amazon.awscdk.services.logs.FilterPattern.stringValue;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.cloudwatch.Unit;
import software.amazon.awscdk.services.logs.JsonPattern;
import software.amazon.awscdk.services.logs.MetricFilter;
import software.constructs.Construct;

/**
 * Metrics that are counted from the lines of the service's log. Patterns go by the fields that the service writes itself,
 * first by the logger's name: nothing that a caller sends can make a line count as another.
 *
 * <p>A prediction is a request by POST to {@code /predict/*}, {@code /v1/models/*} or {@code /v2/models/*}, or a call of
 * {@code ModelInfer} by gRPC, whose line has the status that the same would have over HTTP. What is asked by GET, such as health,
 * readiness and metadata, is none. Predictions are answered, refused, overloaded or failed; no prediction counts twice.
 *
 * <p>There is no metric for each model: every model would be metrics of its own, with a price each. The dashboard asks
 * the log for them.
 */
public final class ServiceLogMetrics extends Construct {
    private static final Duration A_MINUTE = Duration.minutes(1);

    private static final JsonPattern PREDICTION = all(
            stringValue("$.logger_name", "=", "access"),
            stringValue("$.method", "=", "POST"),
            any(
                    stringValue("$.path", "=", "/predict/*"),
                    stringValue("$.path", "=", "/v1/models/*"),
                    stringValue("$.path", "=", "/v2/models/*"),
                    stringValue("$.path", "=", "/inference.GRPCInferenceService/ModelInfer")));

    private final ServiceLogMetricsProps props;

    public ServiceLogMetrics(Construct scope, String id, ServiceLogMetricsProps props) {
        super(scope, id);
        this.props = props;
        count("Predictions", PREDICTION);
        count("RefusedPredictions", all(PREDICTION, status(">=", 400), status("<", 500), status("!=", 429)));
        count("OverloadedPredictions", all(PREDICTION, status("=", 429)));
        count("FailedPredictions", all(PREDICTION, status(">=", 500)));
        answerTimes();
        count("ErrorLines", stringValue("$.level", "=", "ERROR"));
        count(
                "ModelLoadFailures",
                all(
                        stringValue("$.logger_name", "=", "dev.modelserving.serving.ModelCache"),
                        stringValue("$.level", "=", "WARN"),
                        stringValue("$.message", "=", "* cannot be served*"),
                        stringValue("$.message", "!=", "*: the service is shutting down")));
        count(
                "PredictionLogFailures",
                all(
                        stringValue("$.logger_name", "=", "dev.modelserving.predictionlog.*"),
                        any(stringValue("$.level", "=", "WARN"), stringValue("$.level", "=", "ERROR"))));
    }

    /** Predictions that were asked for. */
    public Metric metricPredictions() {
        return sum("Predictions");
    }

    /** Predictions that callers asked for in a wrong way: statuses 4xx but 429. */
    public Metric metricRefused() {
        return sum("RefusedPredictions");
    }

    /** Predictions that were turned away because too many came: status 429. */
    public Metric metricOverloaded() {
        return sum("OverloadedPredictions");
    }

    /** Predictions that failed by the service's own fault: statuses 5xx. */
    public Metric metricFailed() {
        return sum("FailedPredictions");
    }

    /**
     * Predictions that failed by the service's own fault, in percent of all, over a period; 0 while fewer than
     * {@code least} of them did.
     */
    public MathExpression metricFailedPercent(int least, Duration period) {
        return MathExpression.Builder.create()
                .expression("IF(failed >= %d, 100 * failed / predictions, 0)".formatted(least))
                .usingMetrics(new TreeMap<>(Map.of(
                        "failed", over(period, metricFailed()), "predictions", over(period, metricPredictions()))))
                .period(period)
                .label("failed, %")
                .build();
    }

    /**
     * From a request's head to the end of its answer, in milliseconds, of predictions that were answered. What is
     * refused takes no time and would hide what is slow.
     *
     * @param statistic such as {@code p99}
     */
    public Metric metricAnswerTime(String statistic) {
        return metric("AnswerTime").statistic(statistic).label(statistic).build();
    }

    /** Lines of level ERROR: somebody has to look. */
    public Metric metricErrorLines() {
        return sum("ErrorLines");
    }

    /** Attempts to load a version of a model that ended without it. */
    public Metric metricModelLoadFailures() {
        return sum("ModelLoadFailures");
    }

    /** Complaints of the prediction log: it cannot be written, or predictions are lost. */
    public Metric metricPredictionLogFailures() {
        return sum("PredictionLogFailures");
    }

    /** The same metric, of longer or shorter periods. */
    static Metric over(Duration period, Metric metric) {
        return metric.with(MetricOptions.builder().period(period).build());
    }

    private static JsonPattern status(String comparison, int status) {
        return numberValue("$.status", comparison, status);
    }

    /** 0 as long as the service says anything: its health checks do, six times a minute. */
    private void count(String name, JsonPattern pattern) {
        MetricFilter.Builder.create(this, name)
                .logGroup(props.logGroup())
                .filterPattern(pattern)
                .metricNamespace(props.namespace())
                .metricName(name)
                .metricValue("1")
                .defaultValue(0)
                .unit(Unit.COUNT)
                .build();
    }

    /** Without a value for lines that do not match, which would be an answer in no time. */
    private void answerTimes() {
        MetricFilter.Builder.create(this, "AnswerTime")
                .logGroup(props.logGroup())
                .filterPattern(all(PREDICTION, status("<", 400), numberValue("$.duration_ms", ">=", 0)))
                .metricNamespace(props.namespace())
                .metricName("AnswerTime")
                .metricValue("$.duration_ms")
                .unit(Unit.MILLISECONDS)
                .build();
    }

    private Metric sum(String name) {
        return metric(name).statistic(Stats.SUM).build();
    }

    private Metric.Builder metric(String name) {
        return Metric.Builder.create()
                .namespace(props.namespace())
                .metricName(name)
                .period(A_MINUTE);
    }
}
