package dev.modelserving.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reports in a map. */
public final class InMemoryReplicaRegistry implements ReplicaRegistry {
    private final Map<String, ReplicaReport> reports = new ConcurrentHashMap<>();

    @Override
    public void report(ReplicaReport report) {
        reports.put(report.taskId(), report);
    }

    @Override
    public void withdraw(String taskId) {
        reports.remove(taskId);
    }

    @Override
    public List<ReplicaReport> live(Instant now) {
        return reports.values().stream()
                .filter(report -> report.expiresAt().isAfter(now))
                .toList();
    }
}
