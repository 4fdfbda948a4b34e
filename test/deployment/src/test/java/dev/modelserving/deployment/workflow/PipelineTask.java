package dev.modelserving.deployment.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.PipelineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The pipeline's container as a process with a disk of its own. One thread runs it, others may stop it. */
final class PipelineTask {
    private static final Duration LONG = Duration.ofMinutes(3);

    /** A process each would be more than this machine has processors for; the others wait, as tasks that are PENDING do. */
    private static final Semaphore ROOM = new Semaphore(3);

    private final String id;
    private final JsonNode arguments;
    private final Map<String, String> definition;
    private final Path folder;
    private final Instant createdAt = Instant.now();
    private volatile @Nullable PipelineRun running;
    private volatile boolean stopped;

    /**
     * @param arguments of RunTask
     * @param definition the variables that the task definition sets
     * @param folder that is this task's own
     */
    PipelineTask(String id, JsonNode arguments, Map<String, String> definition, Path folder) {
        this.id = id;
        this.arguments = arguments;
        this.definition = Map.copyOf(definition);
        this.folder = folder;
    }

    String id() {
        return id;
    }

    JsonNode arguments() {
        return arguments;
    }

    Instant createdAt() {
        return createdAt;
    }

    /** A variable that the state machine sets; empty when it does not. */
    String override(String name) {
        return overrides().getOrDefault(name, "");
    }

    /** Runs it to its end; its exit code. */
    int run(Map<String, String> variables) throws Exception {
        ROOM.acquire();
        try (PipelineRun run = start(variables)) {
            return run.awaitExit(LONG);
        } finally {
            ROOM.release();
        }
    }

    /** Sends SIGTERM when it has begun; its exit code. */
    int terminate() throws Exception {
        try (PipelineRun run = start(Map.of())) {
            awaitBegun(run);
            run.terminateAfter(Duration.ZERO);
            return run.awaitExit(LONG);
        }
    }

    /** Sends SIGKILL when it has begun; its exit code. */
    int kill() throws Exception {
        try (PipelineRun run = start(Map.of())) {
            awaitBegun(run);
            run.killAfter(Duration.ZERO);
            return run.awaitExit(LONG);
        }
    }

    /** From another thread. */
    void stop() {
        stopped = true;
        PipelineRun run = running;
        if (run != null) {
            run.close();
        }
    }

    boolean isStopped() {
        return stopped;
    }

    private PipelineRun start(Map<String, String> variables) throws IOException {
        Files.createDirectories(folder);
        Map<String, String> environment = new HashMap<>(definition);
        environment.put("MODEL_CACHE_DIR", folder.resolve("cache").toString());
        environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ErrorFile=" + folder.resolve("crash.log"));
        environment.putAll(overrides());
        environment.putAll(variables);
        PipelineRun run = PipelineRun.start(environment, folder.resolve("task.log"));
        running = run;
        if (stopped) {
            run.close();
        }
        return run;
    }

    private static void awaitBegun(PipelineRun run) {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> !run.isAlive() || run.output().size() > 1);
    }

    private Map<String, String> overrides() {
        Map<String, String> overrides = new HashMap<>();
        arguments
                .at("/Overrides/ContainerOverrides/0/Environment")
                .forEach(variable -> overrides.put(
                        variable.path("Name").asText(), variable.path("Value").asText()));
        return overrides;
    }
}
