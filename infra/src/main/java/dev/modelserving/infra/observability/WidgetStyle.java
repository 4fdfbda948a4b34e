package dev.modelserving.infra.observability;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.HorizontalAnnotation;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MathExpressionOptions;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.SingleValueWidget;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.cloudwatch.YAxisProps;

/** How numbers and graphs of the dashboard look: axes from zero, with units, and counts as rates per minute. */
final class WidgetStyle {
    static final int WIDTH = 24;
    static final int HALF = WIDTH / 2;
    static final int THIRD = WIDTH / 3;
    static final int SIXTH = WIDTH / 6;

    static final int NUMBER_HEIGHT = 5;
    static final int GRAPH_HEIGHT = 7;
    static final int TABLE_HEIGHT = 8;

    static final Duration A_MINUTE = Duration.minutes(1);

    private WidgetStyle() {}

    static IWidget number(String title, IMetric... metrics) {
        return SingleValueWidget.Builder.create()
                .title(title)
                .metrics(List.of(metrics))
                .sparkline(true)
                .width(SIXTH)
                .height(NUMBER_HEIGHT)
                .build();
    }

    static GraphWidget.Builder graph(String title, int width, String unit) {
        return GraphWidget.Builder.create()
                .title(title)
                .leftYAxis(axis(unit))
                .width(width)
                .height(GRAPH_HEIGHT);
    }

    static YAxisProps axis(String unit) {
        return YAxisProps.builder().label(unit).min(0).showUnits(false).build();
    }

    static HorizontalAnnotation line(Number value, String label, String color) {
        return HorizontalAnnotation.builder()
                .value(value)
                .label(label)
                .color(color)
                .build();
    }

    /** @param id of the metric in the expression; no other widget's metric of this name may stand in one with it */
    static MathExpression perMinute(String id, Metric metric, String label, String color) {
        return MathExpression.Builder.create()
                .expression("60 * %1$s / PERIOD(%1$s)".formatted(id))
                .usingMetrics(Map.of(id, metric))
                .period(A_MINUTE)
                .label(label)
                .color(color)
                .build();
    }

    static MathExpressionOptions expression(String label, String color) {
        return MathExpressionOptions.builder()
                .label(label)
                .color(color)
                .period(A_MINUTE)
                .build();
    }

    static MetricOptions labeled(String label, String color) {
        return MetricOptions.builder()
                .label(label)
                .color(color)
                .period(A_MINUTE)
                .build();
    }

    static MetricOptions labeled(String label, String color, String statistic) {
        return MetricOptions.builder()
                .label(label)
                .color(color)
                .statistic(statistic)
                .period(A_MINUTE)
                .build();
    }

    static MetricOptions sum() {
        return MetricOptions.builder().statistic(Stats.SUM).period(A_MINUTE).build();
    }
}
