package dev.modelserving.local;

import static dev.modelserving.local.Flowers.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.AliasRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DynamoDB fails: at start, and under a service that has read it. */
class RegistryFaultsIT {
    /** What {@code /health} tells of each fault, as a regular expression. */
    private static final Map<Fault, String> REASONS = Map.of(
            Fault.GONE, "Connection refused|Unexpected end of file",
            Fault.SILENT, "did not complete|timed out|Unexpected end of file",
            Fault.THROTTLING, "throughput",
            Fault.EXPIRED, "security token.*expired",
            Fault.GARBAGE, "Unable to (parse|unmarshall)|not DynamoDB's|Unexpected character",
            Fault.EMPTY, "not DynamoDB's",
            Fault.CUT, "Crc32|Premature EOF|Unable to (parse|unmarshall)|Unexpected end",
            Fault.STALLED, "did not complete|timed out|Unexpected end|Unable to|Crc32");

    @TempDir
    private static Path folder;

    private static FaultyAws aws;
    private static ServiceProcess service;
    private static Flowers flowers;

    @BeforeAll
    static void serve() throws Exception {
        aws = FaultyAws.start(folder);
        aws.register(ModelRef.of("flowers", 1), ModelRef.of("iris", 1));
        aws.register(ModelRef.of("flowers", 2), ModelRef.of("iris", 2));
        point(1);
        service = aws.startService("running", Map.of());
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
        flowers = new Flowers(service);
        flowers.assertAnswers("flowers", 1);
    }

    @AfterEach
    void mend() throws Exception {
        aws.dynamoDb().set(Fault.PASS);
    }

    @AfterAll
    static void stop() {
        service.close();
        aws.close();
    }

    private static void point(long version) throws Exception {
        SampleModels.registration(aws.direct()).point(AliasRecord.CHAMPION, ModelRef.of("flowers", version), "test");
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PASS", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void goesOnWithWhatItKnowsSaysWhyAndRecovers(Fault fault) throws Exception {
        aws.dynamoDb().set(fault);
        soon().untilAsserted(() -> {
            assertThat(flowers.health("registry/status").asText()).isEqualTo("DOWN");
            assertThat(flowers.health("registry/details/reason").asText()).containsPattern(REASONS.get(fault));
        });
        assertThat(flowers.health("registry/details/lastRead").asText()).isNotEmpty();
        assertThat(flowers.get("/health").status()).isEqualTo(200);
        assertThat(flowers.get("/health/readiness").status()).isEqualTo(200);
        assertThat(flowers.get("/models/flowers").body().get("state").asText()).isEqualTo("READY");
        assertThat(flowers.ask("flowers").status()).isEqualTo(200);
        aws.dynamoDb().set(Fault.PASS);
        soon().untilAsserted(() ->
                assertThat(flowers.health("registry/status").asText()).isEqualTo("UP"));
        assertThat(flowers.ask("flowers").status()).isEqualTo(200);
    }

    @Test
    void seesWhatChangedMeanwhileOnceItAnswersAgain() throws Exception {
        aws.dynamoDb().set(Fault.GONE);
        point(2);
        soon().untilAsserted(() ->
                assertThat(flowers.health("registry/status").asText()).isEqualTo("DOWN"));
        flowers.assertAnswers("flowers", 1);
        aws.dynamoDb().set(Fault.PASS);
        soon().untilAsserted(() -> flowers.assertAnswers("flowers", 2));
        point(1);
        soon().untilAsserted(() -> flowers.assertAnswers("flowers", 1));
    }

    @Test
    void seesChangesThroughASlowRegistry() throws Exception {
        aws.dynamoDb().set(Fault.SLOW);
        point(2);
        soon().untilAsserted(() -> flowers.assertAnswers("flowers", 2));
        assertThat(flowers.health("registry/status").asText()).isEqualTo("UP");
        point(1);
        soon().untilAsserted(() -> flowers.assertAnswers("flowers", 1));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PASS", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void startsNotReadySaysWhyAndBecomesReadyByItself(Fault fault) throws Exception {
        aws.dynamoDb().set(fault);
        try (ServiceProcess starting = aws.startService("starting", Map.of())) {
            Flowers asked = new Flowers(starting);
            asked.awaitListening();
            soon().untilAsserted(() ->
                    assertThat(asked.health("registry/details/reason").asText()).containsPattern(REASONS.get(fault)));
            assertThat(asked.get("/health").status()).isEqualTo(503);
            assertThat(asked.get("/health/startup").status()).isEqualTo(503);
            assertThat(asked.get("/health/readiness").status()).isEqualTo(503);
            assertThat(asked.get("/health/liveness").status()).isEqualTo(200);
            assertThat(asked.assertNotReady("flowers").body().get("error").asText())
                    .contains("the registry has not been read yet");
            aws.dynamoDb().set(Fault.PASS);
            assertThat(starting.awaitReady(Duration.ofSeconds(90))).isTrue();
            asked.assertAnswers("flowers", 1);
        }
    }
}
