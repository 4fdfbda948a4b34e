package dev.modelserving.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The service's JAR in step-functions mode, as a process of its own. */
public final class PipelineRun implements AutoCloseable {
    private static final String SUMMARY = " execution ";

    private final Process process;
    private final Path log;

    private PipelineRun(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it with this environment on top of our own; its output goes to {@code log}. Does not wait. */
    public static PipelineRun start(Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ServiceProcess.command())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("LOG_FORMAT", "text");
        builder.environment().putAll(environment);
        builder.environment().put("EXECUTION_MODE", "step-functions");
        return new PipelineRun(builder.start(), log);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end; the exit code. */
    public int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the pipeline did not end within " + limit + ": " + log);
        }
        return process.exitValue();
    }

    public List<String> output() throws IOException {
        return Files.readAllLines(log);
    }

    /** Its last line, from the execution's id on; empty before it has ended. */
    public String summary() throws IOException {
        return output().stream()
                .filter(line -> line.contains(SUMMARY))
                .map(line -> line.substring(line.indexOf(SUMMARY) + 1))
                .reduce("", (earlier, later) -> later);
    }

    /** Sends SIGTERM when it has not ended by then. */
    public void terminateAfter(Duration delay) throws InterruptedException {
        if (!process.waitFor(delay.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroy();
        }
    }

    /** Sends SIGKILL when it has not ended by then. */
    public void killAfter(Duration delay) throws InterruptedException {
        if (!process.waitFor(delay.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
    }

    /** Ends the process, which may be in the middle of anything. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
