package dev.modelserving.infra.service;

import java.util.List;

/**
 * The JVM's flags for a task of a certain size.
 *
 * <p>The memory of a task is divided in three:
 * <ul>
 *   <li>the heap: requests and answers as text, the registry, the SDKs. A quarter of the task, at least 128 MiB (the
 *       service idles at 60), at most 4 GiB, because tensors are not on it;
 *   <li>256 MiB for what the JVM needs beside: metaspace and compiled code 120, direct buffers of Netty up to 64, stacks,
 *       ONNX Runtime's own library and the collector's tables;
 *   <li>the rest for models: their weights, and what ONNX Runtime computes with.
 * </ul>
 * A task of 512 MiB keeps 128 for models, of 2 GiB 1,280, of 8 GiB 5,888. The service counts the same way
 * ({@code MODEL_MEMORY_MAX_BYTES}) and evicts models before the task runs out.
 *
 * <p>Fargate limits a task's CPU, not the container's, so the JVM sees the machine's processors unless it is told. The
 * serial collector stops requests while it works, but has no threads that want a processor too: it is the better one
 * for a heap below 1,792 MiB or a single processor, which is also where the JVM itself would choose it.
 */
final class JvmOptions {
    private static final int LEAST_HEAP = 128;
    private static final int MOST_HEAP = 4096;
    private static final int SERVER_HEAP = 1792;

    private JvmOptions() {}

    /** In the order in which {@code java} takes them. */
    static List<String> of(TaskSize size) {
        int heap = heap(size);
        String collector = size.processors() == 1 || size.memory() < SERVER_HEAP ? "SerialGC" : "G1GC";
        return List.of(
                "-XX:ActiveProcessorCount=" + size.processors(),
                "-XX:+Use" + collector,
                "-Xms" + heap + "m",
                "-Xmx" + heap + "m");
    }

    /** In MiB. */
    static int heap(TaskSize size) {
        return Math.min(MOST_HEAP, Math.max(LEAST_HEAP, size.memory() / 4));
    }
}
