package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.LoggedLines.Lines;
import dev.modelserving.local.RunningPlatform.Platform;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * That every prediction is in S3 exactly once. {@code -Dpredictions=1000000} sends more, {@code -Doutage=60} leaves S3
 * away for as many seconds.
 */
@ExtendWith(RunningPlatform.class)
class PredictionLogIT {
    private static final long PREDICTIONS = Long.getLong("predictions", 20_000);
    private static final Duration OUTAGE = Duration.ofSeconds(Long.getLong("outage", 2));
    private static final int CONNECTIONS = 16;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String BODY =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";

    private final JsonClient client = new JsonClient();

    @Test
    void writesEveryPredictionExactlyOnce(Platform platform) throws Exception {
        try (ServiceProcess service = platform.startService(Map.of("PREDICTION_LOG", "iris=full"))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            String replica = health(service).at("/details/replica").asText();
            assertThat(send(service, PREDICTIONS)).isEqualTo(PREDICTIONS);
            service.terminate();
            assertThat(service.awaitExit(LONG)).isZero();
            assertHasAll(LoggedLines.of(platform.aws(), "iris", replica), PREDICTIONS);
        }
    }

    @Test
    void losesNothingWithinTheBoundWhileS3IsGone(Platform platform) throws Exception {
        try (S3Gate gate = S3Gate.before(platform.aws().s3Endpoint());
                ServiceProcess service = start(platform, gate, "64 MiB")) {
            String replica = health(service).at("/details/replica").asText();
            gate.shut();
            send(service, PREDICTIONS);
            soon().until(() -> health(service).at("/status").asText().equals("DOWN"));
            assertThat(health(service).at("/details/reason").asText()).contains("could not be written");
            assertThat(client.get(service.url("/health")).status()).isEqualTo(200);
            assertThat(send(service, 16)).isEqualTo(16);
            Awaitility.await().pollDelay(OUTAGE).atMost(OUTAGE.plus(LONG)).until(() -> true);
            gate.open();
            soon().until(() -> health(service).at("/details/pending").asLong() == 0);
            assertThat(health(service).at("/status").asText()).isEqualTo("UP");
            assertThat(health(service).at("/details/dropped")).isEmpty();
            assertThat(LoggedLines.of(platform.aws(), "iris", replica).count()).isEqualTo(PREDICTIONS + 16);
        }
    }

    @Test
    void countsWhatIsBeyondTheBoundWhileS3IsGone(Platform platform) throws Exception {
        try (S3Gate gate = S3Gate.before(platform.aws().s3Endpoint());
                ServiceProcess service = start(platform, gate, "300 KiB")) {
            String replica = health(service).at("/details/replica").asText();
            gate.shut();
            assertThat(send(service, PREDICTIONS)).isEqualTo(PREDICTIONS);
            soon().until(() -> health(service).at("/status").asText().equals("DOWN"));
            gate.open();
            soon().until(() -> health(service).at("/details/pending").asLong() == 0);
            send(service, 1);
            soon().until(() -> health(service).at("/details/pending").asLong() == 0);

            long dropped = health(service).at("/details/droppedOf/iris").asLong();
            assertThat(dropped).isBetween(1L, PREDICTIONS - 1);
            assertThat(health(service).at("/details/dropped/bufferFull").asLong())
                    .isEqualTo(dropped);
            Lines lines = LoggedLines.of(platform.aws(), "iris", replica);
            assertThat(lines.sequences().get((int) PREDICTIONS + 1)).isTrue();
            assertThat(PREDICTIONS + 1 - lines.count()).isEqualTo(dropped);
        }
    }

    private static void assertHasAll(Lines lines, long count) {
        assertThat(lines.count()).isEqualTo(count);
        assertThat(lines.sequences().nextClearBit(1)).isEqualTo((int) count + 1);
        assertThat(lines.requestIds().nextClearBit(0)).isEqualTo((int) count);
    }

    private static ServiceProcess start(Platform platform, S3Gate gate, String bufferBytes) throws Exception {
        ServiceProcess service = platform.startService(Map.of(
                "PREDICTION_LOG",
                "iris=full",
                "PREDICTION_LOG_INTERVAL",
                "500ms",
                "PREDICTION_LOG_BUFFER_BYTES",
                bufferBytes,
                "AWS_ENDPOINT_URL_S3",
                gate.endpoint().toString()));
        assertThat(service.awaitReady(LONG)).isTrue();
        return service;
    }

    private static long send(ServiceProcess service, long count) throws IOException, InterruptedException {
        return new ClosedLoop(service.url("/predict/iris"), BODY).send(CONNECTIONS, number -> number < count);
    }

    private JsonNode health(ServiceProcess service) throws IOException, InterruptedException {
        return client.get(service.url("/health")).body().at("/details/predictionLog");
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(50));
    }
}
