package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;

/** What changes while the service runs; each test has a model of its own. */
@ExtendWith(RunningPlatform.class)
class LiveChangesIT {
    private static final String ONE_FLOWER =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";

    private final JsonClient client = new JsonClient();

    @Test
    void servesANewModelAndItsPromotionWithoutARestartOrAFailedRequest(Platform platform) throws Exception {
        ModelRef first = ModelRef.of("promoted", 1);
        ModelRef second = ModelRef.of("promoted", 2);
        ModelRegistration registration = SampleModels.registration(platform.aws());
        registration.register(first, SampleModels.folder(ModelRef.of("iris", 1)), "");
        registration.register(second, SampleModels.folder(ModelRef.of("iris", 2)), "");
        URI url = platform.service().url("/predict/promoted");
        assertThat(client.post(url, ONE_FLOWER).status()).isEqualTo(404);

        registration.point(AliasRecord.CHAMPION, first, "test");
        soon().untilAsserted(() -> assertThat(answeringVersion(url)).isEqualTo(1));

        AtomicBoolean sending = new AtomicBoolean(true);
        CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
            while (sending.get()) {
                assertThat(answeringVersion(url)).isBetween(1L, 2L);
            }
        });
        registration.point(AliasRecord.CHAMPION, second, "test");
        soon().untilAsserted(() -> assertThat(answeringVersion(url)).isEqualTo(2));
        sending.set(false);
        sender.join();
    }

    @Test
    void staysOnTheOldVersionWhenTheCandidateIsCorruptAndSaysWhy(Platform platform) throws Exception {
        ModelRef good = ModelRef.of("kept", 1);
        ModelRef corrupt = ModelRef.of("kept", 2);
        ModelRegistration registration = SampleModels.registration(platform.aws());
        registration.register(good, SampleModels.folder(ModelRef.of("iris", 1)), "");
        registration.register(corrupt, SampleModels.folder(ModelRef.of("iris", 2)), "");
        platform.aws()
                .s3()
                .putObject(
                        put -> put.bucket(LocalAws.ARTIFACTS_BUCKET).key("models/kept/2/model.onnx"),
                        RequestBody.fromString("not the model that was registered"));
        URI url = platform.service().url("/predict/kept");
        registration.point(AliasRecord.CHAMPION, good, "test");
        soon().untilAsserted(() -> assertThat(answeringVersion(url)).isEqualTo(1));

        registration.point(AliasRecord.CHAMPION, corrupt, "test");
        URI models = platform.service().url("/models/kept");
        soon().untilAsserted(() -> assertThat(
                        client.get(models).body().path("reason").asText())
                .contains("the champion is version 2, which is FAILED", "model.onnx has 33 bytes (expected: "));
        assertThat(answeringVersion(url)).isEqualTo(1);
        assertThat(client.get(platform.service().url("/health")).status()).isEqualTo(200);
    }

    private long answeringVersion(URI url) {
        try {
            JsonClient.Answer answer = client.post(url, ONE_FLOWER);
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            return answer.body().get("model_version").asLong();
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The poll interval, and what loading takes on a busy machine. */
    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
    }
}
