package dev.modelserving.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.assertions.Template;

/** Resources of a template. */
record Resources(Map<String, Map<String, Object>> byId) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Resources of(Template template, String type) {
        return new Resources(template.findResources(type));
    }

    List<JsonNode> properties() {
        return byId.values().stream()
                .map(resource -> JSON.<JsonNode>valueToTree(resource.get("Properties")))
                .toList();
    }

    /** The only one, whole. */
    JsonNode only() {
        if (byId.size() != 1) {
            throw new AssertionError("resources: " + byId.keySet() + " (expected: one)");
        }
        return JSON.valueToTree(byId.values().iterator().next());
    }
}
