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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** S3 fails while a service starts that has nothing on its disk: it waits until it can serve. */
class ColdStoreFaultsIT {
    @TempDir
    private static Path folder;

    private static FaultyAws aws;

    @BeforeAll
    static void register() throws Exception {
        aws = FaultyAws.start(folder);
        aws.register(ModelRef.of("flowers", 1), ModelRef.of("iris", 1));
        SampleModels.registration(aws.direct()).point(AliasRecord.CHAMPION, ModelRef.of("flowers", 1), "test");
    }

    @AfterEach
    void mend() throws Exception {
        aws.s3().set(Fault.PASS);
    }

    @AfterAll
    static void stop() {
        aws.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PASS", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void startsNotReadySaysWhyAndBecomesReadyByItself(Fault fault) throws Exception {
        aws.s3().set(fault);
        try (ServiceProcess starting = aws.startService("cold-" + fault, Map.of())) {
            Flowers flowers = new Flowers(starting);
            flowers.awaitListening();
            soon().untilAsserted(() -> assertThat(
                            flowers.health("models/details/flowers/reason").asText())
                    .containsPattern("could not be (downloaded|read)"));
            assertThat(flowers.get("/health").status()).isEqualTo(503);
            assertThat(flowers.get("/health/startup").status()).isEqualTo(503);
            assertThat(flowers.get("/health/readiness").status()).isEqualTo(503);
            assertThat(flowers.get("/health/liveness").status()).isEqualTo(200);
            flowers.assertNotReady("flowers");
            aws.s3().set(Fault.PASS);
            assertThat(starting.awaitReady(Duration.ofSeconds(90))).isTrue();
            flowers.assertAnswers("flowers", 1);
        }
    }
}
