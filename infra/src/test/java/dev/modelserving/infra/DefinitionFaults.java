package dev.modelserving.infra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is wrong with the shape of a definition, though it is one: ways that end in nothing, and calls that end never. */
final class DefinitionFaults {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

    /** Errors that say nothing of their cause: repeating a task because of them repeats failures of models too. */
    private static final Set<String> TOO_BROAD = Set.of("States.ALL", "States.TaskFailed");

    private final JsonNode states;
    private final List<String> faults = new ArrayList<>();

    private DefinitionFaults(JsonNode states) {
        this.states = states;
    }

    /**
     * One line for each fault.
     *
     * @param given names of values for placeholders
     */
    static List<String> in(JsonNode definition, Collection<String> given) {
        DefinitionFaults found = new DefinitionFaults(definition.path("States"));
        unreachable(definition).forEach(state -> found.faults.add(state + ": no way leads there"));
        found.states.properties().forEach(state -> found.check(state.getKey(), state.getValue()));
        found.substitutions(definition.toString(), given);
        return found.faults;
    }

    static Set<String> unreachable(JsonNode definition) {
        Set<String> left = new LinkedHashSet<>();
        definition.path("States").fieldNames().forEachRemaining(left::add);
        Deque<String> next = new ArrayDeque<>(List.of(definition.path("StartAt").asText()));
        while (!next.isEmpty()) {
            String state = next.remove();
            if (left.remove(state)) {
                next.addAll(ways(definition.path("States").path(state)));
            }
        }
        return left;
    }

    /** Where a state leads, whatever happens. */
    private static List<String> ways(JsonNode state) {
        List<String> ways = new ArrayList<>();
        for (JsonNode way : List.of(state.path("Next"), state.path("Default"))) {
            if (way.isTextual()) {
                ways.add(way.textValue());
            }
        }
        state.path("Choices").forEach(choice -> ways.add(choice.path("Next").asText()));
        state.path("Catch").forEach(caught -> ways.add(caught.path("Next").asText()));
        return ways;
    }

    private void check(String name, JsonNode state) {
        for (String way : ways(state)) {
            if (!states.has(way)) {
                faults.add("%s: leads to '%s', which is not there".formatted(name, way));
            }
        }
        switch (state.path("Type").asText()) {
            case "Task" -> task(name, state);
            case "Fail" -> expect(!state.path("Error").asText().isBlank(), name, "a Fail without an Error");
            case "Succeed" -> {}
            case "Choice" -> expect(state.has("Default"), name, "a Choice without a Default");
            default -> expect(state.has("Next"), name, "an end that is neither Succeed nor Fail");
        }
    }

    private void task(String name, JsonNode task) {
        expect(task.has("TimeoutSeconds"), name, "a Task without TimeoutSeconds");
        expect(task.has("Next"), name, "an end that is neither Succeed nor Fail");
        expect(
                named(task.path("Catch")).contains("States.ALL"),
                name,
                "a Task that does not catch every error (States.ALL)");
        for (String error : named(task.path("Retry"))) {
            expect(!TOO_BROAD.contains(error), name, "repeated because of " + error);
        }
    }

    private static Set<String> named(JsonNode handlers) {
        Set<String> named = new TreeSet<>();
        handlers.forEach(handler -> named.addAll(StackTemplate.texts(handler.path("ErrorEquals"))));
        return named;
    }

    private void substitutions(String text, Collection<String> given) {
        Set<String> used = PLACEHOLDER
                .matcher(text)
                .results()
                .map((MatchResult placeholder) -> placeholder.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        used.stream()
                .filter(name -> !given.contains(name))
                .forEach(name -> faults.add("${%s}: no value is given for it".formatted(name)));
        given.stream()
                .filter(name -> !used.contains(name))
                .forEach(name -> faults.add("${%s}: given, and nowhere used".formatted(name)));
    }

    private void expect(boolean holds, String state, String fault) {
        if (!holds) {
            faults.add(state + ": " + fault);
        }
    }

    /** The definition that a template deploys. */
    static JsonNode definition(JsonNode machine) {
        try {
            return StackTemplate.JSON.readTree(machine.path("DefinitionString").textValue());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The names of the values that a template gives. */
    static Set<String> given(JsonNode machine) {
        return machine.path("DefinitionSubstitutions").properties().stream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
