package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A template as CloudFormation gets it. */
record StackTemplate(String stack, JsonNode json, long bytes) {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUFFIX = ".template.json";

    static StackTemplate read(Path file) {
        try {
            String name = file.getFileName().toString();
            return new StackTemplate(
                    name.substring(0, name.length() - SUFFIX.length()),
                    JSON.readTree(Files.readString(file)),
                    Files.size(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whole resources by logical id. */
    Map<String, JsonNode> resources() {
        Map<String, JsonNode> resources = new LinkedHashMap<>();
        json.path("Resources").properties().forEach(entry -> resources.put(entry.getKey(), entry.getValue()));
        return resources;
    }

    /** Whole resources of a type by logical id. */
    Map<String, JsonNode> resources(String type) {
        Map<String, JsonNode> resources = resources();
        resources.values().removeIf(resource -> !type(resource).equals(type));
        return resources;
    }

    /** The properties of each resource of a type. */
    List<JsonNode> all(String type) {
        return resources(type).values().stream()
                .map(resource -> resource.path("Properties"))
                .toList();
    }

    /** The properties of the only resource of a type. */
    JsonNode only(String type) {
        assertThat(resources(type).keySet()).as("resources of type %s", type).hasSize(1);
        return all(type).get(0);
    }

    /** The logical id of the only resource of a type whose id begins like this. */
    String id(String type, String prefix) {
        List<String> ids = resources(type).keySet().stream()
                .filter(id -> id.startsWith(prefix))
                .toList();
        assertThat(ids).as("resources of type %s named %s...", type, prefix).hasSize(1);
        return ids.get(0);
    }

    /** The whole resource of a type whose id begins like this. */
    JsonNode resource(String type, String prefix) {
        return resources().get(id(type, prefix));
    }

    List<String> types() {
        return resources().values().stream()
                .map(StackTemplate::type)
                .distinct()
                .sorted()
                .toList();
    }

    /** Every statement of a role's policies. */
    List<JsonNode> statements(String role) {
        List<JsonNode> statements = new ArrayList<>();
        for (JsonNode policy : all("AWS::IAM::Policy")) {
            if (policy.path("Roles").findValuesAsText("Ref").contains(role)) {
                policy.at("/PolicyDocument/Statement").forEach(statements::add);
            }
        }
        return statements;
    }

    JsonNode outputs() {
        return json.path("Outputs");
    }

    /** Every field in the template whose name is one of those that CloudFormation computes with, and its value. */
    void eachField(BiConsumer<String, JsonNode> visitor) {
        visit(json, visitor);
    }

    static String type(JsonNode resource) {
        return resource.path("Type").asText();
    }

    /** A string, or the strings of a list. */
    static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(item -> texts.add(item.isTextual() ? item.textValue() : item.toString()));
        } else if (!node.isMissingNode()) {
            texts.add(node.isTextual() ? node.textValue() : node.toString());
        }
        return texts;
    }

    /** JSON with single quotes, to compare with. */
    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a text becomes in JSON. */
    static JsonNode text(String value) {
        return JsonNodeFactory.instance.textNode(value);
    }

    private static void visit(JsonNode node, BiConsumer<String, JsonNode> visitor) {
        node.properties().forEach(entry -> {
            visitor.accept(entry.getKey(), entry.getValue());
            visit(entry.getValue(), visitor);
        });
        if (node.isArray()) {
            node.forEach(item -> visit(item, visitor));
        }
    }
}
