package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Tensor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long the runs of one model take, by the size of their inputs, as far as is known: for each power of two a mean that
 * falls slowly and rises at once. Safe for use by several threads, of which one may overwrite what another has learned.
 */
final class RunCosts {
    /** A change of threads costs some hundredth of this, and whoever shares the thread can wait as long. */
    private static final long QUICK_NANOS = Duration.ofNanos(500_000).toNanos();

    private static final int SMOOTHING = 8;
    private static final int STRING_BYTES = 64;

    private final AtomicLongArray nanosByLog = new AtomicLongArray(Long.SIZE);

    /** Whether a run of {@code request} has been taking so little time that it may be done on any thread. */
    boolean isQuick(InferenceRequest request) {
        long nanos = nanosByLog.getPlain(log(request));
        return nanos > 0 && nanos < QUICK_NANOS;
    }

    /** Learns from a run that took {@code nanos}. */
    void add(InferenceRequest request, long nanos) {
        int log = log(request);
        long known = nanosByLog.getPlain(log);
        nanosByLog.setPlain(log, nanos > known ? Math.max(1, nanos) : known - (known - nanos) / SMOOTHING);
    }

    private static int log(InferenceRequest request) {
        long bytes = 0;
        for (Tensor tensor : request.inputs().values()) {
            bytes += tensor instanceof Tensor.Numbers numbers
                    ? numbers.data().remaining()
                    : tensor.shape().elementCount() * STRING_BYTES;
        }
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes | 1);
    }
}
