package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.local.RunningPlatform.Platform;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RunningPlatform.class)
class DrainIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1s"})
    void answersEveryRequestThatWasAcceptedAndExitsWith0(String drainDelay, Platform platform) throws Exception {
        try (ServiceProcess service = platform.startService(Map.of("DRAIN_DELAY", drainDelay))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            DrainedConnections.assertNothingIsLost(service, LONG);
        }
    }

    @Test
    void isNotReadyButAnswersUntilTheDrainDelayIsOver(Platform platform) throws Exception {
        try (ServiceProcess service = platform.startService(Map.of("DRAIN_DELAY", "3s"))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            service.terminate();
            JsonClient client = new JsonClient();
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(3))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> client.get(service.url("/health/readiness")).status() == 503);
            assertThat(client.get(service.url("/health")).status()).isEqualTo(200);
            assertThat(client.post(service.url("/predict/iris"), Flowers.ONE).status())
                    .isEqualTo(200);
            assertThat(service.awaitExit(LONG)).isZero();
        }
    }
}
