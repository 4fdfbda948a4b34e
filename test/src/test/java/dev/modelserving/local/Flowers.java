package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** What the tests of faults ask a service, about models that are copies of the sample iris. */
final class Flowers {
    static final String ONE =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";

    private final JsonClient client = new JsonClient();
    private final ServiceProcess service;

    Flowers(ServiceProcess service) {
        this.service = service;
    }

    JsonClient.Answer ask(String path) throws IOException, InterruptedException {
        return client.post(service.url("/predict/" + path), ONE);
    }

    JsonClient.Answer get(String path) throws IOException, InterruptedException {
        return client.get(service.url(path));
    }

    /** One part of {@code /health}, with its status. */
    JsonNode health(String part) throws IOException, InterruptedException {
        return get("/health").body().at("/details/" + part);
    }

    void assertAnswers(String path, long version) throws IOException, InterruptedException {
        JsonClient.Answer answer = ask(path);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        assertThat(answer.body().get("model_version").asLong()).isEqualTo(version);
        assertThat(answer.body().at("/outputs/0").toString())
                .isEqualTo("{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}");
    }

    /** An honest refusal: why, and when to come back. */
    JsonClient.Answer assertNotReady(String path) throws IOException, InterruptedException {
        JsonClient.Answer answer = ask(path);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(503);
        assertThat(answer.body().get("code").asText()).isEqualTo("NOT_READY");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        return answer;
    }

    /** Until it says anything at all. */
    void awaitListening() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> get("/health/liveness").status() == 200);
    }

    /** Time-outs, pauses between attempts, and a busy machine. */
    static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }
}
