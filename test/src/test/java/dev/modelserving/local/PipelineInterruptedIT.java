package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Step-functions mode ended in the middle, and several times at once: nothing is half written, nobody is hurt. */
class PipelineInterruptedIT {
    private static final Duration PROMPT = Duration.ofSeconds(5);
    private static final Path IRIS = SampleModels.folder(ModelRef.of("iris", 1));
    private static final Path PENGUINS = SampleModels.folder(ModelRef.of("penguins", 1));

    @TempDir
    private static Path work;

    private static LocalAws aws;
    private static Candidates candidates;

    @BeforeAll
    static void start() throws Exception {
        aws = LocalAws.start(work.resolve("aws"));
        candidates = new Candidates(aws, work);
    }

    @AfterAll
    static void stop() {
        aws.close();
    }

    /** While it is loaded, while it is asked its examples, while its latency is measured. */
    @ParameterizedTest
    @ValueSource(ints = {0, 800, 2000})
    void endsWith75OnSigtermAndIsRightTheNextTime(int millis) throws Exception {
        String id = "slow-" + millis;
        ModelRef ref = candidates.register(id, OddModels.broken("slow", work.resolve(id)));
        Map<String, AttributeValue> before = candidates.item(ref);
        try (PipelineRun run = candidates.start(ref, id, Map.of())) {
            Awaitility.await()
                    .atMost(Candidates.LONG)
                    .until(() -> Files.exists(work.resolve("cache")) && isLoading(id));
            run.terminateAfter(Duration.ofMillis(millis));
            assertThat(run.awaitExit(PROMPT)).as(run.output().toString()).isEqualTo(75);
            assertThat(run.output()).last().asString().contains("run again");
        }
        assertThat(candidates.verdict(id, ref)).isEmpty();
        assertThat(candidates.item(ref)).isEqualTo(before);
        assertThat(isLoading(id)).isFalse();
        assertThat(candidates.verify(ref).exitCode()).isZero();
        assertThat(candidates.status(ref)).isEqualTo("VERIFIED");
    }

    @Test
    void endsWith75OnSigtermWhileItWaitsForAnAnswer() throws Exception {
        ModelRef ref = candidates.register("unanswered", IRIS);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PipelineRun run = candidates.start(
                        ref,
                        "unanswered",
                        Map.of("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + silent.getLocalPort()))) {
            silent.setSoTimeout((int) Candidates.LONG.toMillis());
            try (Socket connection = silent.accept()) {
                assertThat(connection.isConnected()).isTrue();
                run.terminateAfter(Duration.ofMillis(1));
                assertThat(run.awaitExit(PROMPT)).isEqualTo(75);
            }
            assertThat(run.output()).last().asString().contains("in the middle of a step");
        }
        assertThat(candidates.verdict("unanswered", ref)).isEmpty();
        assertThat(candidates.status(ref)).isEqualTo("REGISTERED");
    }

    private static boolean isLoading(String model) throws Exception {
        try (var files = Files.list(work.resolve("cache"))) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(".loading-" + model));
        }
    }

    /** Both the verdict and the status are there, or neither; and the next run is right. */
    @Test
    void leavesNothingHalfWrittenWheneverItIsKilled() throws Exception {
        Random random = new Random(5);
        for (int round = 0; round < 8; round++) {
            ModelRef ref = candidates.register("killed-" + round, IRIS);
            String id = "killed-" + round;
            try (PipelineRun run = candidates.start(ref, id, Map.of())) {
                run.killAfter(Duration.ofMillis(100 + random.nextInt(1200)));
                run.awaitExit(PROMPT);
            }
            boolean judged = !candidates.verdict(id, ref).isEmpty();
            assertThat(candidates.status(ref)).isEqualTo(judged ? "VERIFIED" : "REGISTERED");
            assertThat(candidates.verify(ref).exitCode()).isZero();
            assertThat(candidates.status(ref)).isEqualTo("VERIFIED");
        }
    }

    @Test
    void doesNotHurtOthersThatVerifyTheSameOrAnotherVersionInTheSameFolder() throws Exception {
        ModelRef same = candidates.register("same", IRIS);
        ModelRef other = candidates.register("other", PENGUINS);
        List<PipelineRun> runs = new ArrayList<>();
        try {
            runs.add(candidates.start(same, "a", Map.of()));
            runs.add(candidates.start(same, "b", Map.of()));
            runs.add(candidates.start(same, "b", Map.of()));
            runs.add(candidates.start(other, "c", Map.of()));
            for (PipelineRun run : runs) {
                assertThat(run.awaitExit(Candidates.LONG))
                        .as(run.output().toString())
                        .isZero();
            }
        } finally {
            runs.forEach(PipelineRun::close);
        }
        for (String id : List.of("a", "b")) {
            assertThat(candidates.verdict(id, same)).containsEntry("code", AttributeValue.fromS("VERIFIED"));
        }
        assertThat(candidates.verdict("c", other)).containsEntry("code", AttributeValue.fromS("VERIFIED"));
        assertThat(candidates.item(same).get("status").s()).isEqualTo("VERIFIED");
        assertThat(candidates.item(same).get("rev").n()).isEqualTo("2");
    }
}
