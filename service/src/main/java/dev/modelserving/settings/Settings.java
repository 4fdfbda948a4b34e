package dev.modelserving.settings;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The service's configuration. README has the table of variables.
 *
 * @param artifactsBucket S3 bucket with the models
 * @param goldBucket S3 bucket for results
 * @param registryTable DynamoDB table
 * @param mode serve until stopped, or verify and end
 * @param candidate what is to be verified; nothing: every champion
 * @param candidateManifest which version of its manifest's S3 object; nothing: the one that is registered
 * @param execution which run this process belongs to, shown by health and in logs
 * @param task in which this process runs
 * @param threads how many do what
 * @param ports on which the service listens
 * @param cache where downloaded models are kept
 * @param loading when models are loaded, and how much memory they may take
 * @param predictionLog which predictions are written to the bucket for results
 * @param requestMaxBytes of a request's body
 * @param requestTimeout from the arrival of a request to its answer
 * @param inferenceQueueSize predictions that wait for a thread; beyond that callers are told to come later
 * @param warmUpLimit how long the service may send itself requests before it is ready; 0: it does not
 * @param drainDelay how long the service goes on accepting after SIGTERM
 * @param registryPollInterval between two looks at the registry
 */
public record Settings(
        String artifactsBucket,
        String goldBucket,
        String registryTable,
        Mode mode,
        Optional<ModelRef> candidate,
        Optional<String> candidateManifest,
        Execution execution,
        EcsTask task,
        Threads threads,
        Ports ports,
        Cache cache,
        Loading loading,
        PredictionLogging predictionLog,
        int requestMaxBytes,
        Duration requestTimeout,
        int inferenceQueueSize,
        Duration warmUpLimit,
        Duration drainDelay,
        Duration registryPollInterval) {

    /** What the process is for. */
    public enum Mode {
        /** Serves until it is stopped. */
        STANDALONE,
        /** Loads, verifies, records the verdict, and ends. */
        STEP_FUNCTIONS;

        /** As in EXECUTION_MODE. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * 0: any free port.
     *
     * @param grpc the one after {@code http} where nothing is said: whoever moves one away from another service's moves both
     */
    public record Ports(int http, int grpc) {
        private static final int LAST = 65_535;

        static Ports of(SettingsReader reader) {
            int http = (int) reader.wholeNumber("HTTP_PORT", 8080, 0, LAST);
            int next = http == 0 ? 0 : http % LAST + 1;
            return new Ports(http, (int) reader.wholeNumber("GRPC_PORT", next, 0, LAST));
        }
    }

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
     * @param lazy whether a champion is loaded when it is first asked for, and not at the start
     * @param memoryMaxBytes what all models in memory may take together; 0: what the machine or container leaves them
     */
    public record Loading(boolean lazy, long memoryMaxBytes) {}

    /**
     * @param share of a model's predictions that is logged, from 0 (none) to 1 (all)
     * @param shareOf the same for single models
     * @param bufferMaxBytes what waits in memory to be written; beyond that predictions are not logged, and counted
     * @param flushInterval how long a prediction waits to be written, at most
     */
    public record PredictionLogging(
            double share, Map<ModelId, Double> shareOf, long bufferMaxBytes, Duration flushInterval) {
        public PredictionLogging {
            shareOf = Map.copyOf(shareOf);
        }
    }

    /**
     * Reads and checks {@code environment}. Blocks in a task of ECS, see {@link EcsTask#of}.
     *
     * @throws SettingsException that lists everything that is missing or malformed
     */
    public static Settings fromEnvironment(Map<String, String> environment) {
        SettingsReader reader = new SettingsReader(environment);
        Mode mode = reader.oneOf("EXECUTION_MODE", "standalone", "standalone", "step-functions")
                        .equals("step-functions")
                ? Mode.STEP_FUNCTIONS
                : Mode.STANDALONE;
        reader.oneOf("LOG_FORMAT", "auto", "auto", "json", "text");
        EcsTask task = EcsTask.of(environment);
        Settings settings = new Settings(
                reader.bucket("ARTIFACTS_BUCKET"),
                reader.bucket("GOLD_BUCKET"),
                reader.table("MODEL_REGISTRY_TABLE"),
                mode,
                reader.modelVersion("CANDIDATE_MODEL_ID", "CANDIDATE_VERSION"),
                reader.manifestVersionId("CANDIDATE_MANIFEST_VERSION_ID", "CANDIDATE_MODEL_ID"),
                new Execution(reader.text("PIPELINE_EXECUTION_ID", ""), reader.text("EXECUTION_START_TIME", "")),
                task,
                Threads.of(reader, task, Runtime.getRuntime().availableProcessors()),
                Ports.of(reader),
                new Cache(
                        reader.path("MODEL_CACHE_DIR", "/tmp/model-serving"),
                        reader.bytes("MODEL_CACHE_MAX_BYTES", 0, 1, Long.MAX_VALUE)),
                new Loading(
                        reader.oneOf("MODEL_LOADING", "eager", "eager", "lazy").equals("lazy"),
                        reader.bytes("MODEL_MEMORY_MAX_BYTES", 0, 1, Long.MAX_VALUE)),
                predictionLogging(reader),
                (int) reader.bytes("REQUEST_MAX_BYTES", 32L << 20, 1 << 10, 1 << 30),
                reader.duration("REQUEST_TIMEOUT", Duration.ofSeconds(25), Duration.ofMillis(1), Duration.ofHours(1)),
                (int) reader.wholeNumber("INFERENCE_QUEUE_SIZE", 256, 1, 100_000),
                reader.duration("WARM_UP_LIMIT", Duration.ofSeconds(10), Duration.ZERO, Duration.ofSeconds(120)),
                reader.duration("DRAIN_DELAY", Duration.ZERO, Duration.ZERO, Duration.ofSeconds(120)),
                reader.duration(
                        "REGISTRY_POLL_INTERVAL", Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofHours(1)));
        reader.throwIfAnythingIsWrong();
        return settings;
    }

    private static PredictionLogging predictionLogging(SettingsReader reader) {
        SettingsReader.Shares shares = reader.shares("PREDICTION_LOG");
        return new PredictionLogging(
                shares.everywhere(),
                shares.single(),
                reader.bytes("PREDICTION_LOG_BUFFER_BYTES", 64L << 20, 1 << 10, 1L << 40),
                reader.duration(
                        "PREDICTION_LOG_INTERVAL", Duration.ofSeconds(60), Duration.ofMillis(50), Duration.ofHours(1)));
    }
}
