package dev.modelserving.local;

import static dev.modelserving.local.Flowers.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;

/** S3 fails under a service that has loaded its models; for each fault there is a version that it has not loaded. */
class StoreFaultsIT {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(25);

    /** What callers and {@code /models} are told of each fault, as a regular expression. */
    private static final Map<Fault, String> REASONS = Map.of(
            Fault.GONE, "Connection refused|Unexpected end of file",
            Fault.SILENT, "did not complete|timed out|Unexpected end of file",
            Fault.THROTTLING, "reduce your request rate",
            Fault.EXPIRED, "token has expired",
            Fault.GARBAGE, "not S3's",
            Fault.EMPTY, "not S3's",
            Fault.CUT, "the connection ended after \\d+ of \\d+ bytes",
            Fault.STALLED, "timed out");

    @TempDir
    private static Path folder;

    private static FaultyAws aws;
    private static ServiceProcess service;
    private static Flowers flowers;

    @BeforeAll
    static void serve() throws Exception {
        aws = FaultyAws.start(folder);
        aws.register(ModelRef.of("flowers", 1), ModelRef.of("iris", 1));
        for (long version :
                Arrays.stream(Fault.values()).mapToLong(StoreFaultsIT::version).toArray()) {
            aws.register(ModelRef.of("flowers", version), ModelRef.of("iris", 2));
        }
        aws.register(ModelRef.of("promoted", 1), ModelRef.of("iris", 1));
        aws.register(ModelRef.of("promoted", 2), ModelRef.of("iris", 2));
        aws.register(ModelRef.of("changed", 1), ModelRef.of("iris", 1));
        aws.register(ModelRef.of("changed", 2), ModelRef.of("iris", 2));
        point("flowers", 1);
        point("promoted", 1);
        point("changed", 1);
        point("changed", 2);
        service = aws.startService("running", Map.of());
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
        flowers = new Flowers(service);
    }

    private static long version(Fault fault) {
        return 10L + List.of(Fault.values()).indexOf(fault);
    }

    private static void point(String model, long version) throws Exception {
        SampleModels.registration(aws.direct()).point(AliasRecord.CHAMPION, ModelRef.of(model, version), "test");
    }

    @AfterEach
    void mend() throws Exception {
        aws.s3().set(Fault.PASS);
    }

    @AfterAll
    static void stop() {
        service.close();
        aws.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PASS", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void refusesWhatItWouldHaveToFetchSaysWhyAndRecovers(Fault fault) throws Exception {
        aws.s3().set(fault);
        String cold = "flowers?version=" + version(fault);
        long begin = System.nanoTime();
        assertThat(flowers.assertNotReady(cold).body().get("error").asText()).containsPattern(REASONS.get(fault));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(REQUEST_TIMEOUT);
        flowers.assertAnswers("flowers", 1);
        assertThat(flowers.get("/health").status()).isEqualTo(200);
        assertThat(flowers.get("/health/readiness").status()).isEqualTo(200);
        assertNothingPartial();
        aws.s3().set(Fault.PASS);
        soon().untilAsserted(() -> flowers.assertAnswers(cold, version(fault)));
    }

    @Test
    void fetchesThroughASlowStore() throws Exception {
        aws.s3().set(Fault.SLOW);
        flowers.assertAnswers("flowers?version=" + version(Fault.SLOW), version(Fault.SLOW));
    }

    @Test
    void staysOnTheOldVersionUntilTheNewOneCanBeFetched() throws Exception {
        aws.s3().set(Fault.CUT);
        point("promoted", 2);
        soon().untilAsserted(() -> assertThat(
                        flowers.health("models/details/promoted/reason").asText())
                .contains("the champion is version 2, which is FAILED", "the connection ended after"));
        flowers.assertAnswers("promoted", 1);
        assertThat(flowers.get("/health").status()).isEqualTo(200);
        aws.s3().set(Fault.PASS);
        soon().untilAsserted(() -> flowers.assertAnswers("promoted", 2));
        assertThat(flowers.health("models/details/promoted/state").asText()).isEqualTo("READY");
    }

    /** A version never changes; one that does all the same is told from what was registered. */
    @Test
    void goesOnWithItsCopyOfAnObjectThatWasChangedAndANewReplicaRefusesIt() throws Exception {
        flowers.assertAnswers("changed", 2);
        byte[] content =
                Files.readAllBytes(SampleModels.folder(ModelRef.of("iris", 2)).resolve("model.onnx"));
        content[content.length / 2] ^= 1;
        overwrite(content);
        try (ServiceProcess replica = aws.startService("replica-sha256", Map.of())) {
            assertRefused(replica, "has sha256 .* \\(expected: .*, as registered\\)");
        }
        overwrite(Arrays.copyOf(content, content.length - 1));
        try (ServiceProcess replica = aws.startService("replica-size", Map.of())) {
            assertRefused(replica, "has " + (content.length - 1) + " bytes \\(expected: " + content.length + "\\)");
        }
        flowers.assertAnswers("changed", 2);
    }

    /** The version answers on the other replica, so this one does not get ready; it could answer with the previous one. */
    private static void assertRefused(ServiceProcess replica, String reason) throws Exception {
        Flowers asked = new Flowers(replica);
        soon().ignoreExceptionsInstanceOf(IOException.class).untilAsserted(() -> asked.assertAnswers("changed", 1));
        assertThat(asked.get("/models/changed").body().get("reason").asText())
                .contains("the champion is version 2, which is FAILED")
                .containsPattern(reason);
        soon().untilAsserted(
                        () -> assertThat(asked.get("/health/readiness").body().toString())
                                .contains("changed/2 fails here and is READY on replica"));
        assertThat(asked.get("/health/startup").status()).isEqualTo(503);
    }

    private static void overwrite(byte[] content) {
        aws.direct()
                .s3()
                .putObject(
                        put -> put.bucket(LocalAws.ARTIFACTS_BUCKET).key("models/changed/2/model.onnx"),
                        RequestBody.fromBytes(content));
    }

    private static void assertNothingPartial() throws IOException {
        try (Stream<Path> names = Files.list(folder.resolve("running"))) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(".partial-"));
        }
    }
}
