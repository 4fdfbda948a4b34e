package dev.modelserving.infra.observability;

import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import io.soabase.recordbuilder.core.RecordBuilder;
import software.amazon.awscdk.Duration;

/**
 * What {@link ServingAlarms} are made of.
 *
 * @param namePrefix of the alarms' names; different for each stage in an account and region
 * @param service that is watched; its cluster has Container Insights
 * @param metrics of the service's log
 * @param registry that is watched
 * @param topic that is told
 * @param latencyP99 that all but one in a hundred answers shall stay below
 */
@RecordBuilder
public record ServingAlarmsProps(
        String namePrefix,
        EcsFargateServiceConstruct service,
        ServiceLogMetrics metrics,
        ModelRegistryTable registry,
        AlarmTopic topic,
        @RecordBuilder.Initializer("DEFAULT_LATENCY_P99") Duration latencyP99) {
    public static final Duration DEFAULT_LATENCY_P99 = Duration.seconds(2);

    public static ServingAlarmsPropsBuilder builder() {
        return ServingAlarmsPropsBuilder.builder();
    }
}
