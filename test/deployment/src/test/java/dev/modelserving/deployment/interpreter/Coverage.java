package dev.modelserving.deployment.interpreter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Json;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which states, rules of choices, catchers and retriers of a definition executions have taken. Every rule and every catcher
 * leads through a state of its own that does nothing, so that those with the same target can be told apart.
 */
final class Coverage {
    private final ObjectNode definition;
    private final Set<String> all = new TreeSet<>();

    Coverage(String definition) {
        this.definition = Json.object(definition);
        ObjectNode states = (ObjectNode) this.definition.get("States");
        states.properties().stream().toList().forEach(state -> {
            if (state.getValue().path("Type").asText().matches("Map|Parallel")) {
                throw new IllegalArgumentException(state.getKey() + " has states of its own");
            }
            mark(states, state.getKey(), (ObjectNode) state.getValue());
        });
        states.fieldNames().forEachRemaining(all::add);
    }

    /** The definition with the states of its own in it. */
    String markedDefinition() {
        return definition.toString();
    }

    /** What none of the runs has taken. */
    Set<String> missedBy(Collection<WorkflowRun> runs) {
        Set<String> missed = new TreeSet<>(all);
        for (WorkflowRun run : runs) {
            missed.removeAll(run.states());
            missed.removeAll(retries(run.events()));
        }
        return missed;
    }

    int size() {
        return all.size();
    }

    private void mark(ObjectNode states, String name, ObjectNode state) {
        each(states, name + ", rule ", state.path("Choices"));
        each(states, name + ", catch ", state.path("Catch"));
        if (state.has("Default")) {
            detour(states, name + ", default", state, "Default");
        }
        for (int i = 0; i < state.path("Retry").size(); i++) {
            all.add(name + ", retry " + (i + 1));
        }
    }

    private static void each(ObjectNode states, String prefix, JsonNode exits) {
        int number = 0;
        for (JsonNode exit : exits) {
            number++;
            detour(states, prefix + number, (ObjectNode) exit, "Next");
        }
    }

    private static void detour(ObjectNode states, String name, ObjectNode exit, String field) {
        states.putObject(name).put("Type", "Pass").set("Next", exit.get(field));
        exit.put(field, name);
    }

    /** A state that fails and then asks again without being entered again was sent by its first retrier for the error. */
    private Set<String> retries(ArrayNode events) {
        Set<String> taken = new TreeSet<>();
        String state = "";
        String error = "";
        for (JsonNode event : events) {
            if (WorkflowRun.isEntry(event)) {
                state = WorkflowRun.entered(event);
                error = "";
            } else if (event.has("taskFailedEventDetails")) {
                error = event.at("/taskFailedEventDetails/error").asText();
            } else if (event.has("taskTimedOutEventDetails")) {
                error = event.at("/taskTimedOutEventDetails/error").asText();
            } else if (event.has("taskScheduledEventDetails") && !error.isEmpty()) {
                taken.add(state + ", retry " + retrier(state, error));
            }
        }
        return taken;
    }

    private int retrier(String state, String error) {
        int number = 0;
        for (JsonNode retrier : definition.path("States").path(state).path("Retry")) {
            number++;
            for (JsonNode name : retrier.path("ErrorEquals")) {
                if (isMatch(name.asText(), error)) {
                    return number;
                }
            }
        }
        throw new IllegalStateException(state + " was retried after " + error + ", which no retrier names");
    }

    private static boolean isMatch(String name, String error) {
        return switch (name) {
            case "States.ALL" -> true;
            case "States.TaskFailed" -> !error.equals("States.Timeout");
            default -> name.equals(error);
        };
    }
}
