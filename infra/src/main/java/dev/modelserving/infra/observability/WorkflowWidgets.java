package dev.modelserving.infra.observability;

import static dev.modelserving.infra.observability.WidgetStyle.THIRD;
import static dev.modelserving.infra.observability.WidgetStyle.graph;
import static dev.modelserving.infra.observability.WidgetStyle.labeled;
import static dev.modelserving.infra.observability.WidgetStyle.line;
import static dev.modelserving.infra.observability.WidgetStyle.perMinute;

import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ModelWorkflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.cloudwatch.Color;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.Stats;

/** The row of the dashboard about the workflow: how releases ended, how long they took, and what held them up. */
final class WorkflowWidgets {
    private final ModelWorkflow workflow;
    private final @Nullable ManifestTrigger trigger;

    WorkflowWidgets(ModelWorkflow workflow, @Nullable ManifestTrigger trigger) {
        this.workflow = workflow;
        this.trigger = trigger;
    }

    List<IWidget> row() {
        return List.of(releases(), times(), heldUp());
    }

    private IWidget releases() {
        return graph("Releases of models", THIRD, "executions a minute")
                .left(List.of(
                        perMinute("started", workflow.metricStarted(), "started", Color.BLUE),
                        perMinute("succeeded", workflow.metricSucceeded(), "succeeded", Color.GREEN),
                        perMinute("unsuccessful", workflow.metricFailed(), "failed", Color.RED),
                        perMinute("timedOut", workflow.metricTimedOut(), "timed out", Color.ORANGE),
                        perMinute("aborted", workflow.metricAborted(), "stopped by somebody", Color.GREY)))
                .build();
    }

    private IWidget times() {
        return graph("Time of a release", THIRD, "milliseconds")
                .left(List.of(
                        workflow.metricTime().with(labeled("average", Color.BLUE)),
                        workflow.metricTime().with(labeled("longest", Color.ORANGE, Stats.MAXIMUM))))
                .leftAnnotations(List.of(
                        line(WorkflowAlarms.slowMillis(workflow), "longer than without another attempt", Color.RED)))
                .build();
    }

    private IWidget heldUp() {
        List<IMetric> shown = new ArrayList<>(List.of(workflow.metricThrottled()
                .with(labeled("steps held up by Step Functions", Color.ORANGE, Stats.MAXIMUM))));
        if (trigger != null) {
            shown.add(
                    trigger.metricNotStarted().with(labeled("manifests without a release", Color.RED, Stats.MAXIMUM)));
        }
        return graph("Releases held up", THIRD, "at a time").left(shown).build();
    }
}
