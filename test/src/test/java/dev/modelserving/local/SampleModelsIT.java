package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(RunningPlatform.class)
class SampleModelsIT {
    private final JsonClient client = new JsonClient();
    private Platform platform;

    @BeforeEach
    void use(Platform running) {
        platform = running;
    }

    static Stream<ModelRef> samples() throws IOException {
        return SampleModels.all().stream();
    }

    @Test
    void thereAreNineVersionsOfEightModels() throws Exception {
        assertThat(SampleModels.all())
                .extracting(ModelRef::toString)
                .containsExactly(
                        "all-minilm-l6-v2-q/1",
                        "breast-cancer/1",
                        "diabetes/1",
                        "digits/1",
                        "iris/1",
                        "iris/2",
                        "magika/1",
                        "penguins/1",
                        "silero-vad/1");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void answersEveryExampleWithinItsTolerance(ModelRef ref) throws Exception {
        Set<Long> batchSizes = new HashSet<>();
        for (JsonNode example : Examples.of(SampleModels.folder(ref))) {
            JsonClient.Answer answer = predict(ref, example.get("request"));
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            assertThat(answer.body().get("model_version").asLong())
                    .isEqualTo(ref.version().value());
            Examples.assertAnswers(example, answer.body());
            batchSizes.add(example.at("/request/inputs/0/shape/0").asLong());
        }
        assertThat(batchSizes).contains(1L).hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void answersEveryExampleInColumns(ModelRef ref) throws Exception {
        for (JsonNode example : Examples.of(SampleModels.folder(ref))) {
            JsonClient.Answer answer = predict(ref, BodyForms.columns(example));
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            BodyForms.assertColumns(example, answer.body());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void answersEveryExampleInRowsWhereTheModelHasRows(ModelRef ref) throws Exception {
        for (JsonNode example : Examples.of(SampleModels.folder(ref))) {
            Optional<ObjectNode> rows = BodyForms.rows(example);
            assertThat(rows.isEmpty()).isEqualTo(ref.id().value().equals("silero-vad"));
            if (rows.isPresent()) {
                JsonClient.Answer answer = predict(ref, rows.get());
                assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
                BodyForms.assertRows(example, answer.body());
            }
        }
    }

    /** silero-vad has an LSTM, on which ONNX Runtime ends the process when there is nothing to compute. */
    @ParameterizedTest
    @MethodSource("samples")
    void answersForNoRowsOrSaysWhyItCannot(ModelRef ref) throws Exception {
        ObjectNode request = Examples.of(SampleModels.folder(ref))
                .iterator()
                .next()
                .get("request")
                .deepCopy();
        boolean recurrent = ref.id().value().equals("silero-vad");
        for (JsonNode input : request.get("inputs")) {
            int batch = input.get("name").asText().equals("state") ? 1 : 0;
            if (!input.get("shape").isEmpty()) {
                ((ArrayNode) input.get("shape")).set(batch, 0);
                ((ObjectNode) input).putArray("data");
            }
        }
        JsonClient.Answer answer = predict(ref, request);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(recurrent ? 400 : 200);
        if (recurrent) {
            assertThat(answer.body().get("error").asText())
                    .contains("input 'state': has no elements: [2, 0, 128]", "LSTM cannot take none");
        } else {
            assertThat(answer.body().get("outputs"))
                    .allMatch(output -> output.at("/shape/0").asInt(-1) == 0
                            && output.get("data").isEmpty());
        }
    }

    @Test
    void answersForNoRowsOfScores() throws Exception {
        JsonClient.Answer answer = client.post(platform.service().url("/predict/breast-cancer"), "{\"instances\":[]}");
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        assertThat(answer.body().get("predictions")).isEmpty();
    }

    @Test
    void showsEachModelWithItsSignatureAndState() throws Exception {
        JsonNode models = client.get(platform.service().url("/models")).body().get("models");
        assertThat(models.findValuesAsText("id"))
                .contains("all-minilm-l6-v2-q", "breast-cancer", "diabetes", "digits", "iris", "magika", "penguins");
        for (JsonNode model : models) {
            assertThat(model.get("state").asText()).as(model.toString()).isEqualTo("READY");
            assertThat(model.get("inputs")).isNotEmpty();
            assertThat(model.get("outputs")).isNotEmpty();
        }
    }

    /** What their READMEs say; magika may be joined in fewer rows on a slow machine. */
    @ParameterizedTest
    @MethodSource("samples")
    void saysOfEachWhetherItIsBatchedAndWhy(ModelRef ref) throws Exception {
        JsonNode model =
                client.get(platform.service().url("/models/" + ref.id())).body();
        JsonNode batching = model.get("batching");
        String reason = batching.get("reason").asText();
        switch (ref.id().value()) {
            case "silero-vad" -> assertThat(reason).startsWith("input 'state' has a fixed first axis of 2");
            case "all-minilm-l6-v2-q" -> assertThat(reason).startsWith("rows of 'last_hidden_state' moved by ");
            default -> assertThat(reason).startsWith("answers stayed the same in joined runs of 2 to ");
        }
        assertThat(batching.get("allowed").asBoolean()).isEqualTo(reason.startsWith("answers"));
        assertThat(model.get("versions"))
                .allMatch(version -> version.at("/batching/allowed").equals(batching.get("allowed")));
    }

    private JsonClient.Answer predict(ModelRef ref, JsonNode body) throws Exception {
        URI url = platform.service().url("/predict/" + ref.id() + "?version=" + ref.version());
        return client.post(url, body.toString());
    }
}
