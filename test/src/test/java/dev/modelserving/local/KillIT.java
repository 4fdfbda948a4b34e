package dev.modelserving.local;

import static dev.modelserving.local.Flowers.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.emulators.TetheredMain;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes killed at random moments of registering, downloading, loading and logging; what starts next on what they left behind
 * has to be right. {@code -Dkills=200} for a long run, {@code -Dkill.seed=N} for the moments of an earlier one.
 */
class KillIT {
    /** The runtime's library and its lock stay beside the models. */
    private static final String ONNX_RUNTIME = ".onnxruntime";

    private static final Logger LOG = LoggerFactory.getLogger(KillIT.class);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final long SEED = Long.getLong("kill.seed", System.nanoTime());

    /** What is served: one small model, and one that takes a while to fetch and to load. */
    private static final Map<String, ModelRef> SERVED =
            Map.of("iris", ModelRef.of("iris", 2), "all-minilm-l6-v2-q", ModelRef.of("all-minilm-l6-v2-q", 1));

    private static final int LONGEST_WAIT_MILLIS = 300;

    private enum Moment {
        REGISTERING,
        DOWNLOADING,
        LOADING,
        LOGGING
    }

    @TempDir
    private Path work;

    private final Random random = new Random(SEED);
    private final JsonClient client = new JsonClient();

    @Test
    void leavesNothingThatTheNextStartStumblesOver() throws Exception {
        LOG.info("{} kills, -Dkill.seed={}", KILLS, SEED);
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            for (ModelRef sample : SERVED.values()) {
                SampleModels.registration(aws).register(sample, SampleModels.folder(sample), "");
                SampleModels.registration(aws).point(AliasRecord.CHAMPION, sample, "test");
            }
            startsRight(aws, "the first start");
            for (int kill = 0; kill < KILLS; kill++) {
                Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
                String what = "kill " + kill + " of seed " + SEED + ", while " + moment;
                switch (moment) {
                    case REGISTERING -> killWhileRegistering(aws, kill);
                    case DOWNLOADING -> {
                        delete(cache().resolve("iris"));
                        delete(cache().resolve("all-minilm-l6-v2-q"));
                        killOnce(aws, ".partial-");
                        startsRight(aws, what);
                    }
                    case LOADING -> {
                        killOnce(aws, ".loading-");
                        startsRight(aws, what);
                    }
                    case LOGGING -> {
                        killWhileLogging(aws, what);
                        startsRight(aws, what);
                    }
                }
            }
        }
    }

    /** The same call again finishes what was begun. */
    private void killWhileRegistering(LocalAws aws, int kill) throws Exception {
        ModelRef ref = ModelRef.of("registered-" + kill, 1);
        Process process = register(aws, ref);
        process.waitFor(random.nextInt(2500), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        SampleModels.registration(aws).register(ref, SampleModels.folder(ModelRef.of("iris", 2)), "");
        SampleModels.registration(aws).point(AliasRecord.CHAMPION, ref, "test");
        assertThat(SampleModels.registration(aws).register(ref, SampleModels.folder(ModelRef.of("iris", 2)), ""))
                .isFalse();
    }

    private Process register(LocalAws aws, ModelRef ref) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.command().addAll(TetheredMain.command(RegisteringMain.class.getName()));
        builder.command().addAll(List.of(ref.id().value(), ref.version().toString(), "iris", "2"));
        builder.environment().putAll(aws.environment());
        return builder.start();
    }

    /** A random moment after the first download, or load, has begun: that is when there is something half done. */
    private void killOnce(LocalAws aws, String begun) throws Exception {
        try (ServiceProcess service = start(aws)) {
            Awaitility.await()
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> namesIn(cache()).stream().anyMatch(name -> name.startsWith(begun)));
            assertThat(service.endsWithin(Duration.ofMillis(random.nextInt(LONGEST_WAIT_MILLIS))))
                    .isFalse();
            service.kill();
        }
    }

    private void startsRight(LocalAws aws, String after) throws Exception {
        try (ServiceProcess service = start(aws)) {
            assertThat(service.awaitReady(LONG)).as(after).isTrue();
            soon().alias(after).untilAsserted(() -> assertServed(service));
            assertThat(namesIn(cache()))
                    .as(after)
                    .allMatch(name -> SERVED.containsKey(name)
                            || name.startsWith("registered-")
                            || name.startsWith(ONNX_RUNTIME));
            service.kill();
        }
    }

    private void assertServed(ServiceProcess service) throws Exception {
        for (Map.Entry<String, ModelRef> model : SERVED.entrySet()) {
            JsonNode example = Examples.of(SampleModels.folder(model.getValue()))
                    .iterator()
                    .next();
            JsonClient.Answer answer = client.post(
                    service.url("/predict/" + model.getKey()),
                    example.get("request").toString());
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            Examples.assertAnswers(example, answer.body());
        }
        for (JsonNode model : client.get(service.url("/models")).body().get("models")) {
            assertThat(model.get("state").asText()).as(model.toString()).isEqualTo("READY");
        }
    }

    /** Every file of the log is whole, and no line is there twice. */
    private void killWhileLogging(LocalAws aws, String what) throws Exception {
        Map<String, String> log = Map.of("PREDICTION_LOG", "full", "PREDICTION_LOG_INTERVAL", "50ms");
        try (ServiceProcess service = start(aws, log)) {
            assertThat(service.awaitReady(LONG)).as(what).isTrue();
            String replica = client.get(service.url("/health"))
                    .body()
                    .at("/details/service/details/replica")
                    .asText();
            long end =
                    System.nanoTime() + Duration.ofMillis(random.nextInt(1000)).toNanos();
            int answers = 0;
            while (System.nanoTime() < end) {
                JsonClient.Answer answer =
                        client.post(service.url("/predict/iris"), "{\"instances\":[[6.7,3.1,4.4,1.4]]}");
                assertThat(answer.status()).isEqualTo(200);
                answers++;
            }
            service.kill();
            LoggedLines.Lines lines = LoggedLines.of(aws, "iris", replica);
            assertThat(lines.count()).as(what).isBetween(0L, (long) answers);
            assertThat(lines.sequences().cardinality()).as(what).isEqualTo((int) lines.count());
        }
    }

    private ServiceProcess start(LocalAws aws) throws IOException {
        return start(aws, Map.of());
    }

    private ServiceProcess start(LocalAws aws, Map<String, String> variables) throws IOException {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.putAll(variables);
        environment.put("MODEL_CACHE_DIR", cache().toString());
        environment.put("REGISTRY_POLL_INTERVAL", "500ms");
        return ServiceProcess.start(environment, FreePort.find(), ProcessBuilder.Redirect.appendTo(log().toFile()));
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }

    private Path cache() {
        return work.resolve("cache");
    }

    private Path log() {
        return work.resolve("processes.log");
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> paths = Files.walk(tree)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
