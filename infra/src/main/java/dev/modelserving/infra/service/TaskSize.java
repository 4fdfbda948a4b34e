package dev.modelserving.infra.service;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The CPU and memory of a Fargate task, in one of the combinations that AWS offers.
 *
 * @param cpu in CPU units; 1024 are one vCPU
 * @param memory in MiB
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html">Amazon ECS
 *     developer guide, Task CPU and memory</a>
 */
public record TaskSize(int cpu, int memory) {
    private static final TreeMap<Integer, List<Integer>> OFFERED = new TreeMap<>(Map.of(
            256, List.of(512, 1024, 2048),
            512, steps(1, 4, 1),
            1024, steps(2, 8, 1),
            2048, steps(4, 16, 1),
            4096, steps(8, 30, 1),
            8192, steps(16, 60, 4),
            16384, steps(32, 120, 8)));

    public TaskSize {
        if (!OFFERED.getOrDefault(cpu, List.of()).contains(memory)) {
            throw new IllegalArgumentException(
                    "cpu %d and memory %d (expected: %s)".formatted(cpu, memory, expected(cpu)));
        }
    }

    public static boolean offered(int cpu) {
        return OFFERED.containsKey(cpu);
    }

    public static boolean offered(int cpu, int memory) {
        return OFFERED.getOrDefault(cpu, List.of()).contains(memory);
    }

    /** What AWS offers, in words: the memory for this CPU, or the CPUs. */
    public static String expected(int cpu) {
        List<Integer> memories = OFFERED.get(cpu);
        return memories == null
                ? "a cpu of " + OFFERED.keySet().stream().map(String::valueOf).collect(Collectors.joining(", "))
                : "for cpu %d a memory of %s"
                        .formatted(cpu, memories.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }

    /** Processors that threads can run on at the same time: a part of one counts as one. */
    public int processors() {
        return Math.max(1, cpu / 1024);
    }

    private static List<Integer> steps(int firstGib, int lastGib, int stepGib) {
        return IntStream.iterate(firstGib, gib -> gib <= lastGib, gib -> gib + stepGib)
                .map(gib -> gib * 1024)
                .boxed()
                .toList();
    }
}
