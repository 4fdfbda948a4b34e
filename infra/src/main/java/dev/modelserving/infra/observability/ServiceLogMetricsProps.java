package dev.modelserving.infra.observability;

import io.soabase.recordbuilder.core.RecordBuilder;
import software.amazon.awscdk.services.logs.ILogGroup;

/**
 * What {@link ServiceLogMetrics} are made of.
 *
 * @param logGroup with the service's lines as JSON
 * @param namespace of the metrics; different for each stage, because metrics of a log have no dimension for it
 */
@RecordBuilder
public record ServiceLogMetricsProps(ILogGroup logGroup, String namespace) {
    public static ServiceLogMetricsPropsBuilder builder() {
        return ServiceLogMetricsPropsBuilder.builder();
    }
}
