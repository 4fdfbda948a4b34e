package dev.modelserving.infra.workflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A definition of a state machine in the Amazon States Language with JSONata, as a file has it: with a placeholder
 * {@code ${Name}} for everything that is known only when it is deployed.
 *
 * @see <a href="https://states-language.net">Amazon States Language</a>
 */
public final class WorkflowDefinition {
    private static final String STANDARD = "statemachine/ml-workflow.asl.json";
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

        /** All of them may be one expression; then it is a key in quotes. */
        boolean hasArgument(String name) {
            return arguments().has(name)
                    || Pattern.compile("(['\"])%s\\1\\s*:".formatted(name))
                            .matcher(arguments().asText())
                            .find();
        }

        /** A text that stands there as it is, be it in an expression. */
        Optional<String> argument(String name) {
            if (arguments().path(name).isTextual()) {
                return Optional.of(arguments().path(name).textValue());
            }
            Matcher matcher = Pattern.compile("(['\"])%s\\1\\s*:\\s*(['\"])([^'\"]*)\\2".formatted(name))
                    .matcher(arguments().asText());
            return matcher.find() ? Optional.of(matcher.group(3)) : Optional.empty();
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
     * The one that this project brings along: {@code statemachine/ml-workflow.asl.json}.
     *
     * @throws DefinitionException if it is no definition
     */
    public static WorkflowDefinition standard() {
        try (InputStream file = WorkflowDefinition.class.getResourceAsStream("/" + STANDARD)) {
            if (file == null) {
                throw new DefinitionException(
                        STANDARD + ": not in the class path (expected: as the build puts it there)");
            }
            return new WorkflowDefinition(STANDARD, new String(file.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
