package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.model.ModelRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What another execution does between an execution's reading and its writing. */
@ExtendWith(WorkflowPlatform.class)
class WorkflowRacesIT {
    @Test
    void aPromotionThatIsConfirmedMeanwhileIsNotRestored(Workflow workflow) throws Exception {
        workflow.release("confirmed", 1);
        ObjectNode second = upload(workflow, "confirmed", 2);
        ObjectNode third = upload(workflow, "confirmed", 3);
        List<String> started = new ArrayList<>();
        StateGates.Gate describing = workflow.whileServiceIsPaused(() -> {
            started.add(startAndAwaitWaiting(workflow, second));
            StateGates.Gate gate = workflow.tasks().gates().hold("DescribeOwner");
            started.add(workflow.machine().start(third));
            gate.awaitArrival();
            return gate;
        });
        String overtaken = started.get(0);
        String overtaking = started.get(1);
        Execution promoted = workflow.machine().await(overtaking);
        assertThat(promoted.outcome()).as(promoted.toString()).isEqualTo("PROMOTED");
        describing.open();
        ReleaseIT.assertFailed(workflow, workflow.machine().await(overtaken), "confirmed", "Superseded");
        assertThat(champion(workflow, "confirmed"))
                .containsEntry("version", "3")
                .containsEntry("updatedBy", "execution " + overtaking);
        assertThat(workflow.answering("confirmed")).isEqualTo(3);
    }

    @Test
    void aRestoreGoesBackToWhatWasConfirmedBeforeThePromotionWasWritten(Workflow workflow) throws Exception {
        workflow.release("moved-over", 1);
        ObjectNode second = upload(workflow, "moved-over", 2);
        ObjectNode third = upload(workflow, "moved-over", 3);
        List<String> started = new ArrayList<>();
        StateGates.Gate promoting = workflow.whileServiceIsPaused(() -> {
            started.add(startAndAwaitWaiting(workflow, second));
            StateGates.Gate gate = workflow.tasks().gates().hold("PromoteChampion");
            started.add(workflow.machine().start(third));
            gate.awaitArrival();
            return gate;
        });
        assertThat(workflow.machine().await(started.get(0)).outcome()).isEqualTo("PROMOTED");
        workflow.uploads().loseModel(ModelRef.of("moved-over", 3));
        promoting.open();
        String failing = started.get(1);
        ReleaseIT.assertFailed(workflow, workflow.machine().await(failing), "moved-over", "ReplicaFailed");
        assertThat(champion(workflow, "moved-over"))
                .containsEntry("version", "2")
                .containsEntry("previousVersion", "1");
        assertThat(workflow.answering("moved-over")).isEqualTo(2);
    }

    private static String startAndAwaitWaiting(Workflow workflow, ObjectNode event) throws Exception {
        String execution = workflow.machine().start(event);
        workflow.machine().awaitState(execution, "PauseBeforeWatching");
        return execution;
    }

    private static ObjectNode upload(Workflow workflow, String modelId, long version) throws Exception {
        return workflow.uploads().upload(ModelRef.of(modelId, version), Samples.iris(version == 2 ? 2 : 1));
    }

    private static Map<String, String> champion(Workflow workflow, String modelId) {
        return workflow.registry().champion(modelId).orElseThrow();
    }
}
