package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one replica says of itself: which version of each model it routes to, and how the version that it should route to
 * is.
 *
 * @param executionMode as in EXECUTION_MODE
 * @param address host and port of its HTTP server
 * @param expiresAt from then on the replica counts as gone
 */
public record ReplicaReport(
        String taskId, Map<ModelId, Model> models, String executionMode, String address, Instant expiresAt) {
    /** What READY is called in a report. */
    public static final String READY = "READY";

    public ReplicaReport {
        models = Collections.unmodifiableMap(new TreeMap<>(models));
    }

    /**
     * One model on the replica.
     *
     * @param version the one that answers; where none does, the one that should
     * @param target the one that should
     * @param state READY when the target answers, or would be loaded again to do so; else how far the target is
     * @param reason why it is not READY; may be empty
     */
    public record Model(ModelVersion version, ModelVersion target, String state, String reason) {
        boolean isReady(ModelVersion asked) {
            return state.equals(READY) && version.equals(asked);
        }
    }

    /** Whether the version of the model answers there. */
    public boolean isReady(ModelId id, ModelVersion version) {
        Model model = models.get(id);
        return model != null && model.isReady(version);
    }
}
