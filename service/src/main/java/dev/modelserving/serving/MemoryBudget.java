package dev.modelserving.serving;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * How much memory models may take together. Heap counts at its most, because the JVM may grow to it at any time; what is
 * left of the machine or container, less a reserve for everything else, is for models.
 *
 * @param bytes for all models
 * @param arithmetic how {@code bytes} came about, for a message
 */
record MemoryBudget(long bytes, String arithmetic) {
    /** Metaspace, compiled code, threads, the buffers of requests, and the parts of ONNX Runtime that all models share. */
    private static final long RESERVE = 256L << 20;

    private static final long TOLD_IN_MEBIBYTES = 10L << 20;

    /** A container too small for the rule above still serves small models. */
    private static final long LEAST = 32L << 20;

    /** @param configured MODEL_MEMORY_MAX_BYTES; 0: what the process's real limit leaves */
    static MemoryBudget of(long configured) {
        if (configured > 0) {
            return new MemoryBudget(configured, "MODEL_MEMORY_MAX_BYTES");
        }
        return of(limit(), Runtime.getRuntime().maxMemory());
    }

    static MemoryBudget of(long limit, long heap) {
        long bytes = Math.max(LEAST, limit - heap - RESERVE);
        return new MemoryBudget(
                bytes,
                written(limit) + " of memory, less " + written(heap) + " of heap and " + written(RESERVE)
                        + " for everything else");
    }

    /** The container's limit where there is one (cgroup v1 or v2, as the JVM reads it), else the machine's memory. */
    private static long limit() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    }

    static String written(long bytes) {
        return bytes < TOLD_IN_MEBIBYTES
                ? (bytes >> 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
