package dev.modelserving.api.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.modelserving.model.ModelRef;
import dev.modelserving.serving.ModelStatistics;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;

/**
 * What models have done, by the names of Triton's <a
 * href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md">statistics
 * extension</a>.
 */
@Serdeable
record StatisticsDocument(@JsonProperty("model_stats") List<Model> modelStats) {
    /**
     * @param lastInference in milliseconds since 1970; 0: never
     * @param inferenceCount answered requests
     */
    @Serdeable
    record Model(
            String name,
            String version,
            @JsonProperty("last_inference") long lastInference,
            @JsonProperty("inference_count") long inferenceCount,
            @JsonProperty("execution_count") long executionCount,
            @JsonProperty("inference_stats") Inference inferenceStats,
            @JsonProperty("batch_stats") List<Batch> batchStats) {
        static Model of(ModelRef ref, ModelStatistics done) {
            return new Model(
                    ref.id().value(),
                    ref.version().toString(),
                    done.lastInference().map(Instant::toEpochMilli).orElse(0L),
                    done.success().count(),
                    done.executions(),
                    new Inference(
                            Duration.of(done.success()),
                            Duration.of(done.fail()),
                            Duration.of(done.queue()),
                            Duration.of(done.input()),
                            Duration.of(done.infer()),
                            Duration.of(done.output())),
                    done.batches().stream()
                            .map(runs -> new Batch(runs.rows(), Duration.of(runs.infer())))
                            .toList());
        }
    }

    @Serdeable
    record Inference(
            Duration success,
            Duration fail,
            Duration queue,
            @JsonProperty("compute_input") Duration computeInput,
            @JsonProperty("compute_infer") Duration computeInfer,
            @JsonProperty("compute_output") Duration computeOutput) {}

    @Serdeable
    record Batch(
            @JsonProperty("batch_size") long batchSize,
            @JsonProperty("compute_infer") Duration computeInfer) {}

    /** How often, and how many nanoseconds in all. */
    @Serdeable
    record Duration(long count, long ns) {
        static Duration of(ModelStatistics.Times times) {
            return new Duration(times.count(), times.total().toNanos());
        }
    }
}
