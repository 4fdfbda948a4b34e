package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.model.ModelRef;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Promotions that are not served, or not watched to their end: the champion is what it was, or what it was to be. */
@ExtendWith(WorkflowPlatform.class)
class WorkflowRestoreIT {
    @Test
    void aVersionThatIsNotServedInTimeGivesWayToTheOneBefore(Workflow workflow) throws Exception {
        workflow.release("unserved", 1);
        Map<String, String> before = champion(workflow, "unserved");
        ObjectNode event = upload(workflow, "unserved", 2).put("serveWithinSeconds", 2);
        Execution ended = workflow.whileServiceIsPaused(() -> workflow.machine().run(event));
        ReleaseIT.assertFailed(workflow, ended, "unserved", "NotServed");
        assertThat(champion(workflow, "unserved"))
                .containsEntry("version", "1")
                .containsEntry("rev", Long.toString(Long.parseLong(before.get("rev")) + 2))
                .doesNotContainKeys("previousVersion", "unconfirmed.since");
        assertThat(workflow.answering("unserved")).isEqualTo(1);
    }

    @Test
    void aVersionThatAReplicaCannotLoadGivesWayAtOnce(Workflow workflow) throws Exception {
        workflow.release("unloadable", 1);
        ObjectNode event = upload(workflow, "unloadable", 2);
        workflow.tasks()
                .next("unloadable", Fate.runsBefore(() -> workflow.uploads().loseModel(ModelRef.of("unloadable", 2))));
        Execution ended = workflow.machine().run(event);
        ReleaseIT.assertFailed(workflow, ended, "unloadable", "ReplicaFailed");
        assertThat(champion(workflow, "unloadable")).containsEntry("version", "1");
        assertThat(workflow.answering("unloadable")).isEqualTo(1);
    }

    @Test
    void aFirstVersionThatAReplicaCannotLoadLeavesNoChampion(Workflow workflow) throws Exception {
        ObjectNode event = upload(workflow, "still-born", 1);
        workflow.tasks()
                .next("still-born", Fate.runsBefore(() -> workflow.uploads().loseModel(ModelRef.of("still-born", 1))));
        Execution ended = workflow.machine().run(event);
        ReleaseIT.assertFailed(workflow, ended, "still-born", "ReplicaFailed");
        assertThat(workflow.registry().champion("still-born")).isEmpty();
    }

    @Test
    void anExecutionThatIsStoppedWhileItWaitsIsBroughtToItsEndByTheNext(Workflow workflow) throws Exception {
        workflow.release("resumed", 1);
        ObjectNode event = upload(workflow, "resumed", 2);
        String stopped = stopWhileItWaits(workflow, event);
        assertThat(champion(workflow, "resumed"))
                .containsEntry("version", "2")
                .containsEntry("unconfirmed.executionId", stopped);
        Execution ended = workflow.machine().run(event);
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("ALREADY_CHAMPION");
        assertThat(champion(workflow, "resumed"))
                .containsEntry("version", "2")
                .containsEntry("previousVersion", "1")
                .doesNotContainKey("unconfirmed.since");
        assertThat(workflow.answering("resumed")).isEqualTo(2);
    }

    @Test
    void whatAStoppedExecutionLeftIsRestoredWhenItIsNotServed(Workflow workflow) throws Exception {
        workflow.release("abandoned", 1);
        ObjectNode event = upload(workflow, "abandoned", 2);
        stopWhileItWaits(workflow, event);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> workflow.answering("abandoned") == 2);
        Execution ended = workflow.machine().run(corrupt(workflow, "abandoned", 3));
        ReleaseIT.assertFailed(workflow, ended, "abandoned", "ModelRejected");
        assertThat(champion(workflow, "abandoned"))
                .containsEntry("version", "1")
                .doesNotContainKeys("previousVersion", "unconfirmed.since");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> workflow.answering("abandoned") == 1);
    }

    @Test
    void anExecutionThatIsStoppedWhileItVerifiesStopsItsTaskAndCanBeRunAgain(Workflow workflow) throws Exception {
        ObjectNode event = upload(workflow, "interrupted", 1);
        workflow.tasks().next("interrupted", task -> {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(task::isStopped);
            return Ending.stopped(143);
        });
        String execution = workflow.machine().start(event);
        Awaitility.await().until(() -> !workflow.tasks().asked("interrupted").isEmpty());
        workflow.machine().stop(execution);
        assertThat(workflow.machine().await(execution).status()).isEqualTo("ABORTED");
        assertThat(workflow.registry().champion("interrupted")).isEmpty();
        Execution ended = workflow.machine().run(event);
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
        assertThat(workflow.answering("interrupted")).isEqualTo(1);
    }

    @Test
    void aRollbackGoesBackToTheVersionBefore(Workflow workflow) throws Exception {
        workflow.release("rolled-back", 1);
        workflow.release("rolled-back", 2);
        Execution ended = workflow.machine()
                .run(JsonNodeFactory.instance
                        .objectNode()
                        .put("action", "rollback")
                        .put("modelId", "rolled-back"));
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("ROLLED_BACK");
        assertThat(ended.output().path("version").asLong()).isEqualTo(1);
        assertThat(workflow.answering("rolled-back")).isEqualTo(1);
        assertThat(workflow.tasks().asked("rolled-back")).hasSize(2);
    }

    @Test
    void aLateEventDoesNotBringBackWhatWasRolledBack(Workflow workflow) throws Exception {
        workflow.release("late", 1);
        ObjectNode event = upload(workflow, "late", 2);
        assertThat(workflow.machine().run(event).outcome()).isEqualTo("PROMOTED");
        ObjectNode rollback =
                JsonNodeFactory.instance.objectNode().put("action", "rollback").put("modelId", "late");
        assertThat(workflow.machine().run(rollback).outcome()).isEqualTo("ROLLED_BACK");
        ReleaseIT.assertFailed(workflow, workflow.machine().run(event), "late", "Superseded");
        ReleaseIT.assertFailed(workflow, workflow.machine().run(rollback), "late", "NothingToRestore");
        assertThat(champion(workflow, "late")).containsEntry("version", "1");
        assertThat(workflow.answering("late")).isEqualTo(1);
    }

    private static String stopWhileItWaits(Workflow workflow, ObjectNode event) throws Exception {
        return workflow.whileServiceIsPaused(() -> {
            String execution = workflow.machine().start(event);
            workflow.machine().awaitState(execution, "PauseBeforeWatching");
            workflow.machine().stop(execution);
            assertThat(workflow.machine().await(execution).status()).isEqualTo("ABORTED");
            return execution;
        });
    }

    private static ObjectNode upload(Workflow workflow, String modelId, long version) throws Exception {
        return workflow.uploads().upload(ModelRef.of(modelId, version), Samples.iris(version));
    }

    private static ObjectNode corrupt(Workflow workflow, String modelId, long version) throws Exception {
        return workflow.uploads().uploadCorrupt(ModelRef.of(modelId, version), Samples.iris(1));
    }

    private static Map<String, String> champion(Workflow workflow, String modelId) {
        return workflow.registry().champion(modelId).orElseThrow();
    }
}
