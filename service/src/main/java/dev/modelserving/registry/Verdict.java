package dev.modelserving.registry;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import org.jspecify.annotations.Nullable;

/**
 * What one execution found about one version. Written once for each; running again replaces it.
 *
 * @param message one sentence for the person who exported the model
 * @param batching whether requests to it may be joined; null of a version that was rejected
 * @param serviceVersion which build has judged
 */
public record Verdict(
        ModelRef ref,
        Run run,
        VerdictCode code,
        String message,
        Measured measured,
        @Nullable BatchingVerdict batching,
        String serviceVersion) {

    /**
     * @param id what the workflow calls its execution
     * @param startTime when it began, as the workflow says; empty where nothing was said
     */
    public record Run(String id, String startTime) {}

    /** Zeros for what was not reached. Latency is that of one row. */
    public record Measured(
            int examplesPassed,
            int examplesFailed,
            long loadMillis,
            long memoryBytes,
            long latencyMicrosP50,
            long latencyMicrosP99) {
        public static final Measured NOTHING = new Measured(0, 0, 0, 0, 0, 0);
    }

    /** The name of the status that goes with it. */
    public VersionRecord.Status outcome() {
        return code.isVerified() ? VersionRecord.Status.VERIFIED : VersionRecord.Status.REJECTED;
    }
}
