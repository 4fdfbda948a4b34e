package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.model.ModelRef;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verification tasks that fail, each in its way. */
@ExtendWith(WorkflowPlatform.class)
class WorkflowTaskFailuresIT {
    @Test
    void aFailureThatPassesIsTriedAgain(Workflow workflow) throws Exception {
        Map<String, String> nobody = Map.of("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + FreePort.find());
        workflow.tasks().next("unlucky", Fate.runs(nobody), Fate.interrupted());
        Execution ended = workflow.release("unlucky", 1);
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
        assertThat(workflow.tasks().asked("unlucky")).hasSize(3);
        assertThat(workflow.answering("unlucky")).isEqualTo(1);
    }

    @Test
    void aFailureThatDoesNotPassIsTriedFourTimes(Workflow workflow) throws Exception {
        workflow.tasks().next("hopeless", Fate.exits(75), Fate.exits(75), Fate.exits(75), Fate.exits(75));
        Execution ended = workflow.release("hopeless", 1);
        ReleaseIT.assertFailed(workflow, ended, "hopeless", "TemporaryFailure");
        assertThat(workflow.tasks().asked("hopeless")).hasSize(4);
        assertNothingServed(workflow, "hopeless");
    }

    @Test
    void missingCapacityIsWaitedFor(Workflow workflow) throws Exception {
        workflow.tasks()
                .next(
                        "crowded",
                        Fate.noCapacity(),
                        Fate.notStarted("Capacity is unavailable at this time. Please try again later or in a different"
                                + " availability zone"));
        Execution ended = workflow.release("crowded", 1);
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
        assertThat(workflow.tasks().asked("crowded")).hasSize(3);
        assertThat(workflow.answering("crowded")).isEqualTo(1);
    }

    @Test
    void aVersionThatIsNotThereWhenItIsVerifiedIsMissing(Workflow workflow) throws Exception {
        ModelRef ref = ModelRef.of("gone", 1);
        workflow.tasks().next("gone", Fate.runsAfter(() -> workflow.registry().deleteVersion(ref)));
        Execution ended = workflow.release("gone", 1);
        ReleaseIT.assertFailed(workflow, ended, "gone", "CandidateMissing");
        assertNothingServed(workflow, ended, ref);
    }

    @Test
    void aVersionThatTakesMoreMemoryThanThereIsFails(Workflow workflow) throws Exception {
        workflow.tasks().next("huge", Fate.outOfMemory());
        Execution ended = workflow.release("huge", 1);
        ReleaseIT.assertFailed(workflow, ended, "huge", "OutOfMemory");
        assertThat(workflow.registry().version(ModelRef.of("huge", 1))).containsEntry("status", "REGISTERED");
        assertNothingServed(workflow, ended, ModelRef.of("huge", 1));
    }

    @Test
    void aVersionThatCrashesTheRuntimeIsRejected(Workflow workflow) throws Exception {
        ModelRef ref = ModelRef.of("crashing", 1);
        Execution ended = workflow.machine().run(workflow.uploads().upload(ref, Samples.crashing()));
        ReleaseIT.assertFailed(workflow, ended, "crashing", "RuntimeCrashed");
        assertThat(workflow.registry().version(ref)).containsEntry("status", "REJECTED");
        assertThat(workflow.registry().version(ref).get("reason")).startsWith("CRASHED: ");
        assertThat(workflow.registry().verdict(ended.arn(), ref).orElseThrow())
                .containsEntry("outcome", "REJECTED")
                .containsEntry("code", "CRASHED");
        assertThat(workflow.answering("crashing")).isEqualTo(-404);
    }

    @ParameterizedTest
    @CsvSource({"70, VerificationFailed", "78, Misconfigured", "139, RuntimeCrashed", "0, VerificationFailed"})
    void anExitCodeHasItsError(int code, String error, Workflow workflow) throws Exception {
        String model = "exits-with-" + code;
        workflow.tasks().next(model, Fate.exits(code));
        Execution ended = workflow.release(model, 1);
        ReleaseIT.assertFailed(workflow, ended, model, error);
        assertNothingServed(workflow, model);
    }

    @Test
    void aTaskThatCannotStartFailsAtOnce(Workflow workflow) throws Exception {
        workflow.tasks().next("imageless", Fate.notStarted("CannotPullContainerError: pull access denied"));
        Execution ended = workflow.release("imageless", 1);
        ReleaseIT.assertFailed(workflow, ended, "imageless", "TaskStartFailed");
        assertThat(ended.cause()).contains("CannotPullContainerError");
        assertThat(workflow.tasks().asked("imageless")).hasSize(1);
    }

    private static void assertNothingServed(Workflow workflow, Execution ended, ModelRef ref) throws Exception {
        assertThat(workflow.registry().verdict(ended.arn(), ref)).isEmpty();
        assertNothingServed(workflow, ref.id().value());
    }

    private static void assertNothingServed(Workflow workflow, String modelId) throws Exception {
        assertThat(workflow.registry().champion(modelId)).isEmpty();
        assertThat(workflow.answering(modelId)).isEqualTo(-404);
    }
}
