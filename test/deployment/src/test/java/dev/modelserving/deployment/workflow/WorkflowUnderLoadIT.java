package dev.modelserving.deployment.workflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.local.HttpConnection;
import dev.modelserving.local.Load;
import dev.modelserving.model.ModelRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The workflow promotes, rejects and restores while 16 connections send without pause. */
@ExtendWith(WorkflowPlatform.class)
class WorkflowUnderLoadIT {
    private static final int CONNECTIONS = 16;
    private static final String MODEL = "busy";

    @Test
    void noRequestFailsAndNoBadCandidateAnswersOne(Workflow workflow) throws Exception {
        assertThat(workflow.release(MODEL, 1).outcome()).isEqualTo("PROMOTED");
        assertThat(workflow.release("busy-reference", 2).outcome()).isEqualTo("PROMOTED");
        String first = WorkflowPlatform.outputs(workflow.ask(MODEL));
        String fourth = WorkflowPlatform.outputs(workflow.ask("busy-reference"));
        assertThat(first).isNotEqualTo(fourth);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Predicate<byte[]> right = body -> {
            String text = new String(body, UTF_8);
            boolean isFirst = text.contains("\"model_version\":1,") && text.endsWith(first);
            boolean isFourth = text.contains("\"model_version\":4,") && text.endsWith(fourth);
            seen.add(isFirst ? "1" : isFourth ? "4" : text);
            return isFirst || isFourth;
        };
        Load.Call call = new Load.Call(HttpConnection.post("/predict/" + MODEL, WorkflowPlatform.FLOWER), right);
        try (Load load = Load.withoutPause(
                new Load.Plan(workflow.service(), List.of(call), CONNECTIONS, Duration.ofMinutes(5)))) {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> load.sent() > 1000);
            release(workflow);
            Load.Result result = load.stop();
            assertThat(result.failures()).isEmpty();
            assertThat(result.failed()).isZero();
            assertThat(result.right()).isGreaterThan(1000);
        }
        assertThat(seen).containsExactlyInAnyOrder("1", "4");
        assertThat(workflow.answering(MODEL)).isEqualTo(4);
    }

    /** A corrupt version, one that the replica cannot load, and a good one. */
    private static void release(Workflow workflow) throws Exception {
        Execution corrupt =
                workflow.machine().run(workflow.uploads().uploadCorrupt(ModelRef.of(MODEL, 2), Samples.iris(2)));
        assertThat(corrupt.error()).as(corrupt.toString()).isEqualTo("ModelRejected");

        ModelRef lost = ModelRef.of(MODEL, 3);
        ObjectNode event = workflow.uploads().upload(lost, Samples.iris(2));
        workflow.tasks().next(MODEL, Fate.runsBefore(() -> workflow.uploads().loseModel(lost)));
        Execution unloadable = workflow.machine().run(event);
        assertThat(unloadable.error()).as(unloadable.toString()).isEqualTo("ReplicaFailed");

        Execution good = workflow.release(MODEL, 4);
        assertThat(good.outcome()).as(good.toString()).isEqualTo("PROMOTED");
    }
}
