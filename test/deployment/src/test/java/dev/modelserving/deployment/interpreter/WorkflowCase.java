package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One way through the workflow: what goes in, what each service is asked and answers in which order, and how it ends.
 *
 * @param name a fact
 * @param checks what else has to be so
 */
record WorkflowCase(String name, String input, List<Step> steps, List<Consumer<WorkflowRun>> checks) {
    static final String MACHINE = "ml-workflow";

    private static final int REPETITIONS = 100;

    WorkflowCase {
        if (name.length() > 80) {
            throw new IllegalArgumentException(name + ": " + name.length() + " letters (expected: at most 80)");
        }
    }

    /**
     * A call of a service by a state, and its answer.
     *
     * @param repeated it may be called again and again, with the same answer
     */
    record Step(String state, Answer answer, boolean repeated) {}

    static WorkflowCase of(String name, String input) {
        return new WorkflowCase(name, input, List.of(), List.of());
    }

    static WorkflowCase release(String name) {
        return of(name, """
                {"modelId": "iris", "version": 2}""");
    }

    /** Version 2 of iris. */
    static WorkflowCase action(String action, String name) {
        return of(name, """
                {"action": "%s", "modelId": "iris", "version": 2}""".formatted(action));
    }

    static WorkflowCase rollback(String name) {
        return of(name, """
                {"action": "rollback", "modelId": "iris"}""");
    }

    WorkflowCase call(String state, Answer answer) {
        return step(new Step(state, answer, false));
    }

    /** The same call with the same answer, again and again. */
    WorkflowCase calls(int times, String state, Answer answer) {
        WorkflowCase longer = this;
        for (int i = 0; i < times; i++) {
            longer = longer.call(state, answer);
        }
        return longer;
    }

    /** Looks at the champion and at the replicas for the last time, and as often before as there is time for. */
    WorkflowCase polls(Answer champion, Answer replicas) {
        return step(new Step("WatchChampion", champion, true)).step(new Step("WaitUntilServed", replicas, true));
    }

    private WorkflowCase step(Step step) {
        List<Step> longer = new ArrayList<>(steps);
        longer.add(step);
        return new WorkflowCase(name, input, List.copyOf(longer), checks);
    }

    WorkflowCase and(Consumer<WorkflowRun> check) {
        List<Consumer<WorkflowRun>> more = new ArrayList<>(checks);
        more.add(check);
        return new WorkflowCase(name, input, steps, List.copyOf(more));
    }

    WorkflowCase asks(String state, String pointer, String expected) {
        return and(run -> assertThat(run.asked(state, pointer))
                .as("%s %s", state, pointer)
                .isEqualTo(expected.replace(Answer.ITSELF, execution())));
    }

    /** Registers the version and verifies it with success. */
    WorkflowCase verified() {
        return call("RegisterCandidate", Answer.done())
                .call("VerifyCandidate", Answer.ended())
                .call("ReadVerdict", Answer.verified());
    }

    /** After a failure that has moved nothing: version 1 is champion, and stays. */
    WorkflowCase nothingToRestore() {
        return call("ReadChampionAfterFailure", Answer.champion(1, 7)).call("RecordFailure", Answer.done());
    }

    /** @param output JSON */
    WorkflowCase succeeds(String output) {
        return and(run -> {
            assertThat(run.status()).as(run.error() + ": " + run.cause()).isEqualTo("SUCCEEDED");
            assertThat(run.output()).isEqualTo(Json.parse(output));
        });
    }

    WorkflowCase fails(String error, String cause) {
        return and(run -> {
            assertThat(run.status()).isEqualTo("FAILED");
            assertThat(run.cause()).isEqualTo(cause);
            assertThat(run.error()).isEqualTo(error);
        });
    }

    /** The ARN of the execution. */
    String execution() {
        return "arn:aws:states:%s:%s:execution:%s:%s".formatted(Interpreter.REGION, Interpreter.ACCOUNT, MACHINE, name);
    }

    /** That all went as it is said here. */
    void assertOn(WorkflowRun run) {
        assertThat(withoutRepetitions(run))
                .as("calls before %s %s: %s %s", run.status(), run.error(), run.cause(), run.faults())
                .containsExactlyElementsOf(steps.stream().map(Step::state).toList());
        assertThat(run.faults()).isEmpty();
        checks.forEach(check -> check.accept(run));
    }

    /** What the interpreter wants to know: for each state its answers, call by call. */
    Map<String, JsonNode> mocks() {
        Map<String, JsonNode> mocks = new LinkedHashMap<>();
        for (Step step : steps) {
            ObjectNode answers = (ObjectNode) mocks.computeIfAbsent(step.state(), state -> Json.object());
            JsonNode answer = Json.parse(step.answer().json().toString().replace(Answer.ITSELF, execution()));
            int first = answers.size();
            answers.set(step.repeated() ? first + "-" + (first + REPETITIONS) : Integer.toString(first), answer);
        }
        return mocks;
    }

    private List<String> withoutRepetitions(WorkflowRun run) {
        List<String> states = new ArrayList<>(
                run.calls().stream().map(WorkflowRun.Call::state).toList());
        List<String> round =
                steps.stream().filter(Step::repeated).map(Step::state).toList();
        int at = Collections.indexOfSubList(states, round);
        while (!round.isEmpty() && Collections.indexOfSubList(states.subList(at + 1, states.size()), round) >= 0) {
            states.subList(at, at + round.size()).clear();
        }
        return states;
    }
}
