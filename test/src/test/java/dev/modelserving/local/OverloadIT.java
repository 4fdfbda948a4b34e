package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningPlatform.class)
class OverloadIT {
    private static final ModelRef MINILM = ModelRef.of("all-minilm-l6-v2-q", 1);

    @Test
    void tellsCallersToComeLaterWhenTheQueueIsFullAndAnswersTheOthers(Platform platform) throws Exception {
        JsonNode example = Examples.of(SampleModels.folder(MINILM)).iterator().next();
        try (ServiceProcess service =
                platform.startService(Map.of("INFERENCE_THREADS", "1", "INFERENCE_QUEUE_SIZE", "1"))) {
            assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest request = HttpRequest.newBuilder(service.url("/predict/" + MINILM.id()))
                    .POST(HttpRequest.BodyPublishers.ofString(
                            example.get("request").toString()))
                    .build();
            List<CompletableFuture<HttpResponse<String>>> sent = IntStream.range(0, 64)
                    .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                    .toList();
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> answer : sent) {
                HttpResponse<String> response = answer.get();
                if (response.statusCode() == 429) {
                    refused++;
                    assertThat(response.headers().firstValue("Retry-After")).contains("1");
                    assertThat(response.body()).contains("\"code\":\"OVERLOADED\"");
                } else {
                    Examples.assertAnswers(example, JsonClient.JSON.readTree(response.body()));
                }
            }
            assertThat(refused).isBetween(1, 63);
        }
    }
}
