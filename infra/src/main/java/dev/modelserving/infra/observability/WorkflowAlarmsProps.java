package dev.modelserving.infra.observability;

import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ModelWorkflow;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What {@link WorkflowAlarms} watch.
 *
 * @param namePrefix of the alarms' names; different for each stage in an account and region
 * @param workflow whose executions are watched
 * @param trigger whose manifests are watched; null: none
 * @param topic that is told
 */
@RecordBuilder
public record WorkflowAlarmsProps(
        String namePrefix, ModelWorkflow workflow, @Nullable ManifestTrigger trigger, AlarmTopic topic) {
    public static WorkflowAlarmsPropsBuilder builder() {
        return WorkflowAlarmsPropsBuilder.builder();
    }
}
