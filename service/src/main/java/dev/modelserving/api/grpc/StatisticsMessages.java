package dev.modelserving.api.grpc;

import dev.modelserving.model.ModelRef;
import dev.modelserving.serving.ModelStatistics;
import inference.InferBatchStatistics;
import inference.InferStatistics;
import inference.StatisticDuration;
import java.time.Instant;

/** What a model has done, in the messages of Triton's statistics extension. */
final class StatisticsMessages {
    private StatisticsMessages() {}

    static inference.ModelStatistics of(ModelRef ref, ModelStatistics done) {
        inference.ModelStatistics.Builder message = inference.ModelStatistics.newBuilder()
                .setName(ref.id().value())
                .setVersion(ref.version().toString())
                .setLastInference(
                        done.lastInference().map(Instant::toEpochMilli).orElse(0L))
                .setInferenceCount(done.success().count())
                .setExecutionCount(done.executions())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(duration(done.success()))
                        .setFail(duration(done.fail()))
                        .setQueue(duration(done.queue()))
                        .setComputeInput(duration(done.input()))
                        .setComputeInfer(duration(done.infer()))
                        .setComputeOutput(duration(done.output())));
        done.batches()
                .forEach(runs -> message.addBatchStats(InferBatchStatistics.newBuilder()
                        .setBatchSize(runs.rows())
                        .setComputeInfer(duration(runs.infer()))));
        return message.build();
    }

    private static StatisticDuration duration(ModelStatistics.Times times) {
        return StatisticDuration.newBuilder()
                .setCount(times.count())
                .setNs(times.total().toNanos())
                .build();
    }
}
