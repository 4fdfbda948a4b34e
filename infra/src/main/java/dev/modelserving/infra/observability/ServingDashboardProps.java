package dev.modelserving.infra.observability;

import dev.modelserving.infra.door.InferenceDoor;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ModelWorkflow;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;

/**
 * What a {@link ServingDashboard} shows.
 *
 * @param name of the dashboard; different for each stage and region of an account
 * @param service whose tasks and log are shown
 * @param metrics of the service's log
 * @param registry whose table is shown
 * @param door that is shown; null: none
 * @param workflow whose executions are shown; null: none
 * @param trigger whose manifests are shown; null: none
 * @param alarms whose states are shown
 * @param latencyP99 that all but one in a hundred answers shall stay below
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record ServingDashboardProps(
        String name,
        EcsFargateServiceConstruct service,
        ServiceLogMetrics metrics,
        ModelRegistryTable registry,
        @Nullable InferenceDoor door,
        @Nullable ModelWorkflow workflow,
        @Nullable ManifestTrigger trigger,
        List<Alarm> alarms,

        @RecordBuilder.Initializer("DEFAULT_LATENCY_P99") Duration latencyP99) {
    public static final Duration DEFAULT_LATENCY_P99 = ServingAlarmsProps.DEFAULT_LATENCY_P99;

    public static ServingDashboardPropsBuilder builder() {
        return ServingDashboardPropsBuilder.builder();
    }
}
