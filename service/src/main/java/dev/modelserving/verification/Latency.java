package dev.modelserving.verification;

import dev.modelserving.codec.Example;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Tensor;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** How long one run takes, one after the other on one thread: the median, and what 99 of 100 do not exceed. */
public record Latency(long microsP50, long microsP99) {
    /** Of what was not measured. */
    public static final Latency NONE = new Latency(0, 0);

    /** Enough for a 99th percentile, few enough to end within a moment for small models. */
    private static final int RUNS = 500;

    private static final Duration LONGEST = Duration.ofSeconds(2);

    /**
     * Runs the smallest example again and again, for two seconds at most but for the last run. Blocks.
     *
     * @param checked a warm model that answers its examples
     * @return zeros when there are no examples
     */
    public static Latency measure(CheckedModel checked, RunInterrupt interrupt) {
        Optional<InferenceRequest> smallest =
                checked.examples().stream().map(Example::request).min(Comparator.comparingLong(Latency::rows));
        return smallest.isEmpty() ? NONE : measure(checked.model(), smallest.get(), interrupt);
    }

    private static Latency measure(OrtModel model, InferenceRequest request, RunInterrupt interrupt) {
        long[] nanos = new long[RUNS];
        int count = 0;
        long begin = System.nanoTime();
        while (count < RUNS && System.nanoTime() - begin < LONGEST.toNanos()) {
            long start = System.nanoTime();
            model.run(request, interrupt);
            nanos[count++] = System.nanoTime() - start;
        }
        return of(Arrays.copyOf(nanos, count));
    }

    /** Percentiles by nearest rank. */
    static Latency of(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Latency(percentile(sorted, 50), percentile(sorted, 99));
    }

    private static long percentile(long[] sorted, int percent) {
        int rank = (sorted.length * percent + 99) / 100;
        return Math.max(1, sorted[rank - 1] / 1000);
    }

    /** The greatest first axis of its inputs; a scalar is one row. */
    private static long rows(InferenceRequest request) {
        return request.inputs().values().stream()
                .map(Tensor::shape)
                .mapToLong(shape -> shape.rank() == 0 ? 1 : shape.dimension(0))
                .max()
                .orElse(1);
    }
}
