package dev.modelserving.api.rest;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.aggregator.DefaultHealthAggregator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.runtime.ApplicationConfiguration;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * What the parts of health add up to. As a whole and for liveness it is DOWN only when the process does not live or has
 * not started yet, because DOWN there gets a container killed; readiness is decided by readiness alone. A registry that
 * is gone, or a model that failed, shows in its own part.
 */
@Singleton
@Replaces(DefaultHealthAggregator.class)
final class HealthSummary extends DefaultHealthAggregator {
    HealthSummary(ApplicationConfiguration configuration) {
        super(configuration);
    }

    @Override
    protected HealthStatus calculateOverallStatus(List<HealthResult> results) {
        List<String> deciding = HealthIndicators.deciding(
                results.stream().map(HealthResult::getName).toList());
        boolean down = results.stream()
                .anyMatch(result -> deciding.contains(result.getName())
                        && result.getStatus().equals(HealthStatus.DOWN));
        return down ? HealthStatus.DOWN : HealthStatus.UP;
    }
}
