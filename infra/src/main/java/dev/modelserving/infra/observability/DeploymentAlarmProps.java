package dev.modelserving.infra.observability;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What a {@link DeploymentAlarm} is made of.
 *
 * @param namePrefix of the alarm's name; different for each stage in an account and region
 * @param metrics of the service
 * @param topic that is told
 * @param failedPercent of all predictions, from which it rings
 * @param leastFailed predictions in five minutes, below which it is silent
 */
@RecordBuilder
public record DeploymentAlarmProps(
        String namePrefix,
        ServiceLogMetrics metrics,
        AlarmTopic topic,
        @RecordBuilder.Initializer("DEFAULT_FAILED_PERCENT") double failedPercent,
        @RecordBuilder.Initializer("DEFAULT_LEAST_FAILED") int leastFailed) {
    public static final double DEFAULT_FAILED_PERCENT = 5;
    public static final int DEFAULT_LEAST_FAILED = 5;

    public static DeploymentAlarmPropsBuilder builder() {
        return DeploymentAlarmPropsBuilder.builder();
    }
}
