package dev.modelserving.deployment.interpreter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.modelserving.deployment.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * One execution that is over: how it ended, and what happened in it.
 *
 * @param end as {@code DescribeExecution} gives it
 * @param events as {@code GetExecutionHistory} gives them
 */
record WorkflowRun(String name, JsonNode end, ArrayNode events) {
    /**
     * What a state asked of a service.
     *
     * @param service as it stands in the resource's ARN: {@code ecs:runTask.sync}, {@code aws-sdk:dynamodb:getItem}
     */
    record Call(String state, String service, JsonNode arguments) {}

    String status() {
        return end.path("status").asText();
    }

    String error() {
        return end.path("error").asText();
    }

    String cause() {
        return end.path("cause").asText();
    }

    JsonNode output() {
        return Json.parse(end.path("output").asText());
    }

    /** The states that were entered, in order. */
    List<String> states() {
        List<String> states = new ArrayList<>();
        for (JsonNode event : events) {
            if (isEntry(event)) {
                states.add(entered(event));
            }
        }
        return states;
    }

    /** All calls in order, those that were tried again too. States run one at a time. */
    List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        String state = "";
        for (JsonNode event : events) {
            if (isEntry(event)) {
                state = entered(event);
            }
            JsonNode details = event.path("taskScheduledEventDetails");
            if (details.isObject()) {
                calls.add(new Call(
                        state,
                        details.path("resourceType").asText() + ":"
                                + details.path("resource").asText(),
                        Json.parse(details.path("parameters").asText())));
            }
        }
        return calls;
    }

    /** What the calls of one state asked for, in order. */
    List<JsonNode> arguments(String state) {
        return calls().stream()
                .filter(call -> call.state().equals(state))
                .map(Call::arguments)
                .toList();
    }

    /** What the last call of a state asked for, at a place in it; the text of what is there. */
    String asked(String state, String pointer) {
        List<JsonNode> calls = arguments(state);
        if (calls.isEmpty()) {
            throw new AssertionError(name + ": " + state + " asked for nothing");
        }
        JsonNode found = calls.get(calls.size() - 1).at(pointer);
        return found.isValueNode() ? found.asText() : found.toString();
    }

    /** How long a Wait state took each time, in the definition's seconds: the interpreter runs ten times as fast. */
    List<Double> pauses(String state) {
        List<Double> pauses = new ArrayList<>();
        double since = 0;
        for (JsonNode event : events) {
            double at = event.path("timestamp").asDouble();
            if (isEntry(event) && entered(event).equals(state)) {
                since = at;
            } else if (event.at("/stateExitedEventDetails/name").asText().equals(state)) {
                pauses.add((at - since) * 10);
            }
        }
        return pauses;
    }

    /** Expressions that could not be evaluated, and calls with wrong arguments or without an answer: caught or not. */
    List<String> faults() {
        return events.findParents("error").stream()
                .filter(details -> details.path("error")
                        .asText()
                        .matches("States\\.(Runtime|QueryEvaluationError|DataLimitExceeded)"))
                .map(JsonNode::toString)
                .toList();
    }

    static boolean isEntry(JsonNode event) {
        return event.has("stateEnteredEventDetails");
    }

    static String entered(JsonNode event) {
        return event.at("/stateEnteredEventDetails/name").asText();
    }
}
