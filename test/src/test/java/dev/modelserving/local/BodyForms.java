package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** An example's request in the other forms of a body, and what its answer then is; independent of the service's code. */
final class BodyForms {
    private BodyForms() {}

    /** {"inputs":{name: nested array}}. */
    static ObjectNode columns(JsonNode example) {
        ObjectNode body = JsonClient.JSON.createObjectNode();
        ObjectNode inputs = body.putObject("inputs");
        for (JsonNode input : example.at("/request/inputs")) {
            inputs.set(input.get("name").asText(), nested(input));
        }
        return body;
    }

    /** {"instances":[{name: value}]}; nothing where the inputs are not rows of one number. */
    static Optional<ObjectNode> rows(JsonNode example) {
        ObjectNode body = JsonClient.JSON.createObjectNode();
        ArrayNode instances = body.putArray("instances");
        int rows = example.at("/request/inputs/0/shape/0").asInt(-1);
        for (int row = 0; row < rows; row++) {
            instances.addObject();
        }
        for (JsonNode input : example.at("/request/inputs")) {
            if (input.at("/shape/0").asInt(-1) != rows) {
                return Optional.empty();
            }
            JsonNode values = nested(input);
            for (int row = 0; row < rows; row++) {
                ((ObjectNode) instances.get(row)).set(input.get("name").asText(), values.get(row));
            }
        }
        return rows < 0 ? Optional.empty() : Optional.of(body);
    }

    /** Whether each output has a value for each row, and so can be told row by row. */
    static boolean answersInRows(JsonNode example) {
        int rows = example.at("/request/inputs/0/shape/0").asInt(-1);
        for (JsonNode output : example.at("/response/outputs")) {
            if (output.at("/shape/0").asInt(-1) != rows) {
                return false;
            }
        }
        return true;
    }

    static void assertColumns(JsonNode example, JsonNode answer) {
        for (JsonNode wanted : example.at("/response/outputs")) {
            String name = wanted.get("name").asText();
            assertAlike(nested(wanted), answer.get("outputs").get(name), wanted, example);
            assertThat(answer.path("parameters").path(name).path("classes"))
                    .isEqualTo(wanted.path("parameters").path("classes"));
        }
    }

    static void assertRows(JsonNode example, JsonNode answer) {
        int rows = example.at("/request/inputs/0/shape/0").asInt();
        JsonNode outputs = example.at("/response/outputs");
        assertThat(answer.get("predictions")).hasSize(rows);
        for (JsonNode wanted : outputs) {
            JsonNode values = nested(wanted);
            for (int row = 0; row < rows; row++) {
                JsonNode prediction = answer.get("predictions").get(row);
                JsonNode got = outputs.size() == 1
                        ? prediction
                        : prediction.get(wanted.get("name").asText());
                assertAlike(byClass(values.get(row), wanted), got, wanted, example);
            }
        }
    }

    /** A row of scores is an object where the model has classes. */
    private static JsonNode byClass(JsonNode row, JsonNode output) {
        JsonNode classes = output.at("/parameters/classes");
        if (classes.isMissingNode()) {
            return row;
        }
        ObjectNode scores = JsonClient.JSON.createObjectNode();
        for (int column = 0; column < classes.size(); column++) {
            scores.set(classes.get(column).asText(), row.get(column));
        }
        return scores;
    }

    private static void assertAlike(JsonNode wanted, JsonNode got, JsonNode output, JsonNode example) {
        if (!wanted.isContainerNode()) {
            Examples.assertClose(wanted, got, output.get("datatype").asText(), example.get("tolerance"));
            return;
        }
        assertThat(got.getNodeType()).isEqualTo(wanted.getNodeType());
        assertThat(got).hasSameSizeAs(wanted);
        if (wanted.isObject()) {
            Map<String, JsonNode> scores = new HashMap<>();
            got.properties().forEach(score -> scores.put(score.getKey(), score.getValue()));
            wanted.properties()
                    .forEach(score -> assertAlike(score.getValue(), scores.get(score.getKey()), output, example));
        }
        for (int index = 0; wanted.isArray() && index < wanted.size(); index++) {
            assertAlike(wanted.get(index), got.get(index), output, example);
        }
    }

    private static JsonNode nested(JsonNode tensor) {
        return nested(tensor, 0, new int[1]);
    }

    private static JsonNode nested(JsonNode tensor, int axis, int[] next) {
        if (axis == tensor.get("shape").size()) {
            return tensor.get("data").get(next[0]++);
        }
        ArrayNode array = JsonClient.JSON.createArrayNode();
        for (int index = 0; index < tensor.get("shape").get(axis).asInt(); index++) {
            array.add(nested(tensor, axis + 1, next));
        }
        return array;
    }
}
