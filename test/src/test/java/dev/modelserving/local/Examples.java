package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The examples of a model, and whether an answer over HTTP is what they say; independent of the service's own code. */
final class Examples {
    private Examples() {}

    static Iterable<JsonNode> of(Path folder) throws IOException {
        return JsonClient.JSON
                .readTree(folder.resolve("examples.json").toFile())
                .get("examples");
    }

    static void assertAnswers(JsonNode example, JsonNode answer) {
        Map<String, JsonNode> outputs = new HashMap<>();
        answer.get("outputs").forEach(output -> outputs.put(output.get("name").asText(), output));
        JsonNode tolerance = example.get("tolerance");
        for (JsonNode wanted : example.get("response").get("outputs")) {
            JsonNode got = outputs.get(wanted.get("name").asText());
            assertThat(got.get("shape")).isEqualTo(wanted.get("shape"));
            assertThat(got.get("datatype")).isEqualTo(wanted.get("datatype"));
            assertThat(got.get("data")).hasSameSizeAs(wanted.get("data"));
            for (int i = 0; i < wanted.get("data").size(); i++) {
                assertClose(
                        wanted.get("data").get(i),
                        got.get("data").get(i),
                        wanted.get("datatype").asText(),
                        tolerance);
            }
            assertThat(got.path("parameters").path("classes"))
                    .isEqualTo(wanted.path("parameters").path("classes"));
        }
    }

    /** Without a tolerance a number must have the very bits. */
    static void assertClose(JsonNode wanted, JsonNode got, String datatype, JsonNode tolerance) {
        if (!wanted.isNumber() || !(datatype.startsWith("FP") || datatype.equals("BF16"))) {
            assertThat(got).isEqualTo(wanted);
            return;
        }
        double limit = tolerance.get("absolute").asDouble()
                + tolerance.get("relative").asDouble() * Math.abs(wanted.asDouble());
        if (limit > 0) {
            assertThat(Math.abs(got.asDouble() - wanted.asDouble())).isLessThanOrEqualTo(limit);
        } else if (datatype.equals("FP64")) {
            assertThat(got.asDouble()).isEqualTo(wanted.asDouble());
        } else {
            assertThat((float) got.asDouble()).isEqualTo((float) wanted.asDouble());
        }
    }
}
