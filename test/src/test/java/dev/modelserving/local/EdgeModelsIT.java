package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One small model for each datatype, rank and oddity, over HTTP in each form of a body. */
@ExtendWith(RunningPlatform.class)
class EdgeModelsIT {
    private static Platform platform;

    private final JsonClient client = new JsonClient();

    @BeforeAll
    static void register(Platform running) throws Exception {
        platform = running;
        for (String name : models()) {
            SampleModels.registration(running.aws()).register(ModelRef.of(name, 1), OddModels.edge(name), "");
        }
        for (String name : List.of("sequence-ragged", "sequence-empty")) {
            SampleModels.registration(running.aws()).register(ModelRef.of(name, 1), OddModels.edge(name), "");
        }
        URI last = running.service().url("/models/sequence-empty");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> new JsonClient().get(last).status() == 200);
    }

    static List<String> models() throws IOException {
        return OddModels.edgeModelsWithExamples();
    }

    @ParameterizedTest
    @MethodSource("models")
    void answersItsExamples(String model) throws Exception {
        for (JsonNode example : Examples.of(OddModels.edge(model))) {
            JsonClient.Answer answer = predict(model, example.get("request"));
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            Examples.assertAnswers(example, answer.body());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void answersItsExamplesInColumns(String model) throws Exception {
        for (JsonNode example : Examples.of(OddModels.edge(model))) {
            JsonClient.Answer answer = predict(model, BodyForms.columns(example));
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            BodyForms.assertColumns(example, answer.body());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void answersItsExamplesInRowsOrSaysThatThereAreNone(String model) throws Exception {
        for (JsonNode example : Examples.of(OddModels.edge(model))) {
            Optional<ObjectNode> rows = BodyForms.rows(example);
            if (rows.isEmpty()) {
                continue;
            }
            JsonClient.Answer answer = predict(model, rows.get());
            if (BodyForms.answersInRows(example) && !model.startsWith("sequence")) {
                assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
                BodyForms.assertRows(example, answer.body());
            } else {
                assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
                assertThat(answer.body().at("/details/0/problem").asText()).contains("not one value for each row");
            }
        }
    }

    @Test
    void saysThatASequenceOfDifferentShapesIsNoTensor() throws Exception {
        JsonClient.Answer answer = predict("sequence-ragged", "{\"inputs\":[[1,2,3,4]]}");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body().get("code").asText()).isEqualTo("MODEL_FAILED");
        assertThat(answer.body().get("error").asText())
                .contains("a sequence of tensors of different shapes, [1, 1] and [1, 3] (expected: one shape)");
    }

    @Test
    void givesAnEmptySequence() throws Exception {
        JsonClient.Answer answer = predict("sequence-empty", "{\"inputs\":[1,2]}");
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        assertThat(answer.body().get("outputs").toString()).isEqualTo("{\"parts\":[],\"y\":[1.0,2.0]}");
    }

    private JsonClient.Answer predict(String model, Object body) throws Exception {
        return client.post(platform.service().url("/predict/" + model + "?version=1"), body.toString());
    }
}
