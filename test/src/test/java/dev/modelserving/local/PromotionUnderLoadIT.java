package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Champions come, move, fail and go while 16 connections send without pause. */
@ExtendWith(RunningPlatform.class)
class PromotionUnderLoadIT {
    private static final int CONNECTIONS = 16;
    private static final Duration POLL = Duration.ofSeconds(1);

    /** Loading takes a part of a second; beside 16 connections on a small machine, some. */
    private static final Duration LOAD_TIME = Duration.ofSeconds(9);

    private static final String MOVED = "under-load";
    private static final ModelRef FIRST = ModelRef.of("iris", 1);
    private static final ModelRef SECOND = ModelRef.of("iris", 2);

    private final JsonClient client = new JsonClient();

    @Test
    void failsNoRequestAndTellsTheTruthInTime(Platform platform) throws Exception {
        ModelRegistration registration = SampleModels.registration(platform.aws());
        for (long version : new long[] {1, 2, 3}) {
            registration.register(ModelRef.of(MOVED, version), SampleModels.folder(version == 2 ? SECOND : FIRST), "");
        }
        registration.register(ModelRef.of("goes", 1), SampleModels.folder(FIRST), "");
        registration.register(ModelRef.of("comes", 1), SampleModels.folder(FIRST), "");
        corrupt(platform.aws(), "models/" + MOVED + "/3/model.onnx");
        point(platform, MOVED, 1);
        point(platform, "goes", 1);
        try (ServiceProcess service = platform.startService(Map.of("REGISTRY_POLL_INTERVAL", "1s"))) {
            assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
            try (Load load =
                    Load.withoutPause(new Load.Plan(service, calls(service), CONNECTIONS, Duration.ofMinutes(5)))) {
                Awaitility.await().until(() -> load.sent() > 1000);
                change(platform, service);
                Load.Result result = load.stop();
                assertThat(result.failures()).isEmpty();
                assertThat(result.failed()).isZero();
                assertThat(result.right()).isGreaterThan(1000);
            }
        }
    }

    private static List<Load.Call> calls(ServiceProcess service) throws Exception {
        RightAnswers moved = RightAnswers.learn(service, MOVED, Map.of(1L, FIRST, 2L, SECOND));
        RightAnswers iris = RightAnswers.learn(service, "iris", Map.of(2L, SECOND));
        RightAnswers diabetes = RightAnswers.learn(service, "diabetes", Map.of(1L, ModelRef.of("diabetes", 1)));
        return List.of(moved.call(1, 2), iris.call(2), diabetes.call(1));
    }

    private void change(Platform platform, ServiceProcess service) throws Exception {
        assertThat(told(service, MOVED).get("version").asLong()).isEqualTo(1);
        point(platform, MOVED, 2);
        soon().untilAsserted(() ->
                assertThat(told(service, MOVED).get("version").asLong()).isEqualTo(2));
        point(platform, MOVED, 1);
        soon().untilAsserted(() ->
                assertThat(told(service, MOVED).get("version").asLong()).isEqualTo(1));
        point(platform, MOVED, 3);
        soon().untilAsserted(
                        () -> assertThat(told(service, MOVED).path("reason").asText())
                                .contains("the champion is version 3, which is FAILED", "bytes (expected: "));
        assertThat(told(service, MOVED).get("version").asLong()).isEqualTo(1);
        remove(platform, "goes");
        point(platform, "comes", 1);
        soon().untilAsserted(() ->
                assertThat(told(service, "comes").path("state").asText()).isEqualTo("READY"));
    }

    /** By deleting its alias; a full reading of the registry finds that. */
    private static void remove(Platform platform, String model) {
        platform.aws()
                .dynamoDb()
                .deleteItem(delete -> delete.tableName(LocalAws.TABLE)
                        .key(Map.of(
                                "pk", AttributeValue.fromS("MODEL#" + model),
                                "sk", AttributeValue.fromS("ALIAS#" + AliasRecord.CHAMPION))));
    }

    private JsonNode told(ServiceProcess service, String model) throws IOException, InterruptedException {
        return client.get(service.url("/models/" + model)).body();
    }

    private static void point(Platform platform, String model, long version) throws Exception {
        SampleModels.registration(platform.aws()).point(AliasRecord.CHAMPION, ModelRef.of(model, version), "test");
    }

    private static void corrupt(LocalAws aws, String key) {
        aws.s3()
                .putObject(
                        put -> put.bucket(LocalAws.ARTIFACTS_BUCKET).key(key),
                        RequestBody.fromString("not the model that was registered"));
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(POLL.plus(LOAD_TIME)).pollInterval(Duration.ofMillis(20));
    }
}
