package dev.modelserving.serving;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a loaded version has done since it was loaded and warm.
 *
 * @param lastInference when the last request was answered
 * @param executions runs of the model, of which one may answer several requests
 * @param success of requests that were answered, from their arrival to their answer
 * @param fail the same of those that were not
 * @param queue of the answered ones: what they waited for
 * @param input reading them
 * @param infer computing, together with those that they were joined with
 * @param output writing their answers
 * @param batches by the number of rows
 */
public record ModelStatistics(
        Optional<Instant> lastInference,
        long executions,
        Times success,
        Times fail,
        Times queue,
        Times input,
        Times infer,
        Times output,
        List<BatchRuns> batches) {
    public ModelStatistics {
        batches = List.copyOf(batches);
    }

    /** How often, and how long in all. */
    public record Times(long count, Duration total) {}

    /** @param rows of each run; beyond 64 the next power of two */
    public record BatchRuns(long rows, Times infer) {}
}
