package dev.modelserving.infra.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A definition of a state machine in the Amazon States Language with JSONata, as a file has it: with a placeholder
 * {@code ${Name}} for everything that is known only when it is deployed.
 *
 * @see <a href="https://states-language.net">Amazon States Language</a>
 */
public final class WorkflowDefinition {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String name;
    private final String text;
    private final List<State> states = new ArrayList<>();

    /** A state, however deep: branches of Parallel and what Map repeats have states too. */
    record State(String name, JsonNode json) {
        boolean isTask() {
            return json.path("Type").asText().equals("Task");
        }

        String resource() {
            return json.path("Resource").asText();
        }

        JsonNode arguments() {
            return json.path("Arguments");
        }

        DefinitionException fault(String problem, String expected) {
            return new DefinitionException("state '%s': %s (expected: %s)".formatted(name, problem, expected));
        }
    }

    private WorkflowDefinition(String name, String text) {
        this.name = name;
        this.text = text;
        try {
            collect(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw new DefinitionException("%s: line %d, column %d: %s (expected: JSON)"
                    .formatted(
                            name, e.getLocation().getLineNr(), e.getLocation().getColumnNr(), e.getOriginalMessage()));
        }
        if (states.isEmpty()) {
            throw new DefinitionException("%s: no states (expected: States with at least one)".formatted(name));
        }
    }

    /**
     * Reads a file.
     *
     * @throws DefinitionException if it is not there, or no definition
     */
    public static WorkflowDefinition read(Path file) {
        try {
            return new WorkflowDefinition(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new DefinitionException(
                    "%s: cannot be read (expected: a definition in the Amazon States Language)".formatted(file));
        }
    }

    /**
     * Reads a text.
     *
     * @param name for messages
     * @throws DefinitionException if it is no definition
     */
    public static WorkflowDefinition parse(String name, String text) {
        return new WorkflowDefinition(name, text);
    }

    /** As it was read. */
    String text() {
        return text;
    }

    List<State> states() {
        return List.copyOf(states);
    }

    /** What is assigned to a variable anywhere in it. */
    List<JsonNode> assigned(String variable) {
        return states.stream()
                .flatMap(state -> state.json().findValues("Assign").stream())
                .map(assign -> assign.path(variable))
                .filter(value -> !value.isMissingNode())
                .toList();
    }

    /**
     * Refuses values for placeholders that it does not have, and placeholders without a value.
     *
     * @throws DefinitionException that names all of them
     */
    void expectPlaceholders(Collection<String> given) {
        Set<String> found = PLACEHOLDER
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> faults = new ArrayList<>();
        found.stream()
                .filter(placeholder -> !given.contains(placeholder))
                .forEach(placeholder -> faults.add("${%s} has no value".formatted(placeholder)));
        given.stream()
                .filter(placeholder -> !found.contains(placeholder))
                .sorted()
                .forEach(placeholder -> faults.add("${%s} is nowhere in it".formatted(placeholder)));
        if (!faults.isEmpty()) {
            throw new DefinitionException("%s: %s (expected: the placeholders %s)"
                    .formatted(
                            name,
                            String.join(", ", faults),
                            given.stream().sorted().collect(Collectors.joining(", "))));
        }
    }

    private void collect(JsonNode machine) {
        for (Map.Entry<String, JsonNode> entry : machine.path("States").properties()) {
            JsonNode state = entry.getValue();
            states.add(new State(entry.getKey(), state));
            state.path("Branches").forEach(this::collect);
            collect(state.path("ItemProcessor"));
            collect(state.path("Iterator"));
        }
    }
}
