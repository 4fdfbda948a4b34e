package dev.modelserving.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The service's configuration. README has the table of variables.
 *
 * @param artifactsBucket S3 bucket with the models
 * @param goldBucket S3 bucket for results
 * @param registryTable DynamoDB table
 * @param execution which run this process belongs to, shown by health and in logs
 * @param httpPort 0: any free port
 * @param cache where downloaded models are kept
 * @param requestMaxBytes of a request's body
 * @param requestTimeout from the arrival of a request to its answer
 * @param inferenceThreads predictions that run at the same time
 * @param inferenceQueueSize predictions that wait for a thread; beyond that callers are told to come later
 * @param drainDelay how long the service goes on accepting after SIGTERM
 * @param registryPollInterval between two looks at the registry
 */
public record Settings(
        String artifactsBucket,
        String goldBucket,
        String registryTable,
        Execution execution,
        int httpPort,
        Cache cache,
        int requestMaxBytes,
        Duration requestTimeout,
        int inferenceThreads,
        int inferenceQueueSize,
        Duration drainDelay,
        Duration registryPollInterval) {

    /** What the workflow that started this process calls its run; empty strings where nothing was said. */
    public record Execution(String pipelineExecutionId, String startTime) {
        public Optional<String> id() {
            return Optional.of(pipelineExecutionId).filter(id -> !id.isEmpty());
        }

        public Optional<String> start() {
            return Optional.of(startTime).filter(time -> !time.isEmpty());
        }
    }

    /**
     * @param directory is made when it is missing
     * @param maxBytes the space that models may take there; 0: half of what is free at the start
     */
    public record Cache(Path directory, long maxBytes) {}

    /**
     * Reads and checks {@code environment}.
     *
     * @throws SettingsException that lists everything that is missing or malformed
     */
    public static Settings fromEnvironment(Map<String, String> environment) {
        SettingsReader reader = new SettingsReader(environment);
        reader.oneOf("EXECUTION_MODE", "standalone", "standalone");
        reader.oneOf("LOG_FORMAT", "auto", "auto", "json", "text");
        int processors = Runtime.getRuntime().availableProcessors();
        Settings settings = new Settings(
                reader.bucket("ARTIFACTS_BUCKET"),
                reader.bucket("GOLD_BUCKET"),
                reader.table("MODEL_REGISTRY_TABLE"),
                new Execution(reader.text("PIPELINE_EXECUTION_ID", ""), reader.text("EXECUTION_START_TIME", "")),
                (int) reader.wholeNumber("HTTP_PORT", 8080, 0, 65_535),
                new Cache(
                        reader.path("MODEL_CACHE_DIR", "/tmp/model-serving"),
                        reader.bytes("MODEL_CACHE_MAX_BYTES", 0, 1, Long.MAX_VALUE)),
                (int) reader.bytes("REQUEST_MAX_BYTES", 32L << 20, 1 << 10, 1 << 30),
                reader.duration("REQUEST_TIMEOUT", Duration.ofSeconds(25), Duration.ofMillis(1), Duration.ofHours(1)),
                (int) reader.wholeNumber("INFERENCE_THREADS", processors, 1, 1024),
                (int) reader.wholeNumber("INFERENCE_QUEUE_SIZE", 256, 1, 100_000),
                reader.duration("DRAIN_DELAY", Duration.ZERO, Duration.ZERO, Duration.ofSeconds(120)),
                reader.duration(
                        "REGISTRY_POLL_INTERVAL", Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofHours(1)));
        reader.throwIfAnythingIsWrong();
        return settings;
    }
}
