package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import dev.modelserving.registry.RegistryException;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.registry.ReplicaRegistry;
import dev.modelserving.registry.ReplicaReport;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the registry what this replica serves: when that has changed, and now and then to show that it lives. One thread. */
final class ReplicaReporter {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReporter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final Duration VALIDITY = Duration.ofSeconds(60);

    private final ReplicaRegistry registry;
    private final ReplicaId replica;
    private final String executionMode;
    private final Supplier<Map<ModelId, ReplicaReport.Model>> models;
    private final Clock clock;

    private Map<ModelId, ReplicaReport.Model> lastModels = Map.of();
    private long lastNanos;
    private boolean isReported;
    private boolean isFailing;
    private volatile int port;

    ReplicaReporter(
            ReplicaRegistry registry,
            ReplicaId replica,
            String executionMode,
            Supplier<Map<ModelId, ReplicaReport.Model>> models,
            Clock clock) {
        this.registry = registry;
        this.replica = replica;
        this.executionMode = executionMode;
        this.models = models;
        this.clock = clock;
    }

    /** Where the HTTP server listens. */
    void listensOn(int httpPort) {
        port = httpPort;
    }

    /** Blocks on the network when there is something to report. What fails is tried again at the next call. */
    void reportWhenDue() {
        Map<ModelId, ReplicaReport.Model> now = models.get();
        boolean isDue = !isReported || System.nanoTime() - lastNanos >= INTERVAL.toNanos();
        if (!isDue && now.equals(lastModels)) {
            return;
        }
        try {
            registry.report(new ReplicaReport(
                    replica.value(),
                    now,
                    executionMode,
                    replica.host() + ":" + port,
                    clock.instant().plus(VALIDITY)));
            lastModels = now;
            lastNanos = System.nanoTime();
            isReported = true;
            isFailing = false;
        } catch (RegistryException e) {
            if (!isFailing) {
                LOG.warn("this replica's report cannot be written, trying again: {}", e.getMessage());
            }
            isFailing = true;
        }
    }

    /** For the end: nothing is reported after it. */
    void withdraw() {
        try {
            registry.withdraw(replica.value());
        } catch (RegistryException e) {
            LOG.warn("this replica's report cannot be removed, it expires by itself: {}", e.getMessage());
        }
    }
}
