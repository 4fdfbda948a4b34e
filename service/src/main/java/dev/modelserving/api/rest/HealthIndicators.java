package dev.modelserving.api.rest;

import dev.modelserving.model.ModelId;
import dev.modelserving.predictionlog.DropReason;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.predictionlog.PredictionLogHealth;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.ModelState;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.context.annotation.Factory;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Liveness;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What {@code /health} tells. Three parts decide (liveness, startup, readiness); the others inform, each with a state of
 * its own that makes nothing restart: see {@link HealthSummary}.
 */
@Factory
final class HealthIndicators {
    static final String LIVENESS = "liveness";
    static final String STARTUP = "startup";
    static final String READINESS = "readiness";

    /** An answer at all is what shows that the process lives. */
    @Singleton
    @Liveness
    HealthIndicator liveness() {
        return indicator(LIVENESS, () -> HealthStatus.UP, Map::of);
    }

    @Singleton
    @Named(STARTUP)
    HealthIndicator startup(Serving serving) {
        return indicator(STARTUP, () -> upIf(serving.hasStarted()), Map::of);
    }

    @Singleton
    @Named(READINESS)
    HealthIndicator readiness(Serving serving) {
        return indicator(READINESS, () -> upIf(serving.isReady()), () -> {
            if (serving.isDraining()) {
                return Map.of("reason", "shutting down");
            }
            return serving.isReady() ? Map.of() : Map.of("reason", serving.obstacle());
        });
    }

    @Singleton
    @Named("service")
    HealthIndicator service(Settings settings, ReplicaId replica) {
        return indicator("service", () -> HealthStatus.UP, () -> {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("executionMode", settings.mode().text());
            settings.execution().id().ifPresent(id -> details.put("pipelineExecutionId", id));
            settings.execution().start().ifPresent(start -> details.put("executionStartTime", start));
            details.put("replica", replica.value());
            details.put(
                    "uptimeSeconds",
                    Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime())
                            .toSeconds());
            details.put("version", ServiceVersion.VALUE);
            return details;
        });
    }

    @Singleton
    @Named("models")
    HealthIndicator models(ModelCatalog catalog) {
        return indicator("models", () -> upIf(catalog.served().stream().noneMatch(HealthIndicators::isFailed)), () -> {
            Map<String, Object> details = new LinkedHashMap<>();
            for (ModelCatalog.Entry entry : catalog.served()) {
                Map<String, Object> model = new LinkedHashMap<>();
                entry.version().ifPresent(version -> model.put("version", version.value()));
                model.put("state", entry.state().phase().name());
                entry.state().reason().ifPresent(reason -> model.put("reason", reason));
                details.put(entry.id().value(), model);
            }
            return details;
        });
    }

    @Singleton
    @Named("registry")
    HealthIndicator registry(RegistryFollower follower) {
        return indicator("registry", () -> upIf(follower.health().failure().isEmpty()), () -> {
            RegistryFollower.Health health = follower.health();
            Map<String, Object> details = new LinkedHashMap<>();
            health.lastRead().ifPresent(time -> details.put("lastRead", time.toString()));
            health.failure().ifPresent(reason -> details.put("reason", reason));
            return details;
        });
    }

    @Singleton
    @Named("predictionLog")
    HealthIndicator predictionLog(PredictionLog log) {
        return indicator("predictionLog", () -> upIf(!log.health().refused()), () -> {
            PredictionLogHealth health = log.health();
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("replica", health.replica());
            health.lastFailure()
                    .filter(failure -> health.refused())
                    .ifPresent(failure -> details.put("reason", failure.reason()));
            details.put("logged", health.logged());
            details.put("written", health.writtenLines());
            details.put("writtenFiles", health.writtenFiles());
            details.put("pending", health.pendingLines());
            details.put("pendingBytes", health.pendingBytes());
            details.put("dropped", named(health.dropped(), DropReason::text));
            details.put("droppedOf", named(health.droppedOf(), ModelId::value));
            health.lastFailure()
                    .ifPresent(failure -> details.put("lastFailure", failure.time() + " " + failure.reason()));
            return details;
        });
    }

    private static <K> Map<String, Long> named(Map<K, Long> counts, Function<K, String> name) {
        Map<String, Long> named = new LinkedHashMap<>();
        counts.forEach((key, count) -> named.put(name.apply(key), count));
        return named;
    }

    private static boolean isFailed(ModelCatalog.Entry entry) {
        return entry.state().phase() == ModelState.Phase.FAILED;
    }

    private static HealthStatus upIf(boolean good) {
        return good ? HealthStatus.UP : HealthStatus.DOWN;
    }

    private static HealthIndicator indicator(
            String name, Supplier<HealthStatus> status, Supplier<Map<String, Object>> details) {
        return () -> Publishers.just(
                HealthResult.builder(name, status.get()).details(details.get()).build());
    }

    /** The indicators that decide what {@code results} as a whole are; see {@link HealthSummary}. */
    static List<String> deciding(List<String> names) {
        return names.contains(LIVENESS) ? List.of(LIVENESS, STARTUP) : List.of(READINESS);
    }
}
