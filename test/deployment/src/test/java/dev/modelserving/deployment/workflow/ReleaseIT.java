package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.model.ModelRef;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Versions that are uploaded and released: what becomes of good ones, bad ones, old ones and those that come twice. */
@ExtendWith(WorkflowPlatform.class)
class ReleaseIT {
    @Test
    void aGoodVersionIsRegisteredVerifiedPromotedAndServed(Workflow workflow) throws Exception {
        Execution ended = workflow.release("released", 1);
        assertThat(ended.status()).as(ended.toString()).isEqualTo("SUCCEEDED");
        assertThat(ended.outcome()).isEqualTo("PROMOTED");
        assertThat(ended.output().path("version").asLong()).isEqualTo(1);
        assertThat(ended.output().path("replicas").asLong()).isEqualTo(1);
        assertThat(workflow.answering("released")).isEqualTo(1);

        ModelRef ref = ModelRef.of("released", 1);
        assertThat(workflow.registry().version(ref))
                .containsEntry("status", "VERIFIED")
                .containsKey("manifestVersionId");
        assertThat(workflow.registry().verdict(ended.arn(), ref).orElseThrow()).containsEntry("outcome", "VERIFIED");
        assertThat(workflow.registry().champion("released").orElseThrow())
                .containsEntry("version", "1")
                .containsEntry("updatedBy", "execution " + ended.arn())
                .doesNotContainKeys("previousVersion", "unconfirmed.since");
        assertThat(workflow.registry().audit("released"))
                .extracting(entry -> entry.get("what"))
                .containsExactly(
                        "status of version 1", "status of version 1", "alias champion", "alias champion confirmed");

        JsonNode asked = workflow.tasks().asked("released").get(0);
        assertThat(asked.at("/NetworkConfiguration/AwsvpcConfiguration/Subnets").size())
                .isEqualTo(2);
        assertThat(asked.at("/Overrides/ContainerOverrides/0/Name").asText()).isEqualTo("service");
        assertThat(variables(asked))
                .containsEntry("EXECUTION_MODE", "step-functions")
                .containsEntry("PIPELINE_EXECUTION_ID", ended.arn());
    }

    @Test
    void theNextGoodVersionTakesItsPlace(Workflow workflow) throws Exception {
        workflow.release("improved", 1);
        Execution ended = workflow.release("improved", 2);
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
        assertThat(ended.output().path("from").asLong()).isEqualTo(1);
        assertThat(workflow.answering("improved")).isEqualTo(2);
        assertThat(workflow.registry().champion("improved").orElseThrow())
                .containsEntry("version", "2")
                .containsEntry("previousVersion", "1");
    }

    @Test
    void aVersionWhoseFilesAreNotThoseOfItsManifestIsRejected(Workflow workflow) throws Exception {
        ModelRef ref = ModelRef.of("corrupt", 1);
        Execution ended = workflow.machine().run(workflow.uploads().uploadCorrupt(ref, Samples.iris(1)));
        assertRejected(workflow, ended, ref, "FILE_CORRUPT");
    }

    @Test
    void aVersionThatAnswersItsExamplesWronglyIsRejected(Workflow workflow, @TempDir Path folder) throws Exception {
        ModelRef ref = ModelRef.of("mistaken", 1);
        Execution ended = workflow.machine().run(workflow.uploads().upload(ref, Samples.mistaken(folder)));
        assertRejected(workflow, ended, ref, "EXAMPLES_MISMATCH");
    }

    private static void assertRejected(Workflow workflow, Execution ended, ModelRef ref, String code) throws Exception {
        String id = ref.id().value();
        assertFailed(workflow, ended, id, "ModelRejected");
        assertThat(ended.cause()).startsWith(code + ": ");
        assertThat(workflow.registry().version(ref)).containsEntry("status", "REJECTED");
        assertThat(workflow.registry().verdict(ended.arn(), ref).orElseThrow()).containsEntry("code", code);
        assertThat(workflow.registry().champion(id)).isEmpty();
        assertThat(workflow.answering(id)).isEqualTo(-404);
    }

    @Test
    void aRejectedVersionThatIsMendedIsReleasedUnderItsNumber(Workflow workflow) throws Exception {
        ModelRef ref = ModelRef.of("mended", 1);
        Execution rejected = workflow.machine().run(workflow.uploads().uploadCorrupt(ref, Samples.iris(1)));
        assertThat(rejected.error()).isEqualTo("ModelRejected");
        Execution ended = workflow.machine().run(workflow.uploads().upload(ref, Samples.iris(2)));
        assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
        assertThat(workflow.registry().version(ref))
                .containsEntry("status", "VERIFIED")
                .doesNotContainKey("reason");
        assertThat(workflow.answering("mended")).isEqualTo(1);
    }

    @Test
    void otherFilesUnderTheNumberOfTheChampionAreRejectedAndItGoesOn(Workflow workflow) throws Exception {
        ModelRef ref = ModelRef.of("overwritten", 1);
        workflow.release("overwritten", 1);
        String before = workflow.ask("overwritten");
        Execution ended = workflow.machine().run(workflow.uploads().upload(ref, Samples.iris(2)));
        assertFailed(workflow, ended, "overwritten", "ModelRejected");
        assertThat(ended.cause()).startsWith("FILES_DIFFER: ");
        assertThat(workflow.registry().version(ref)).containsEntry("status", "VERIFIED");
        assertThat(WorkflowPlatform.outputs(workflow.ask("overwritten"))).isEqualTo(WorkflowPlatform.outputs(before));
    }

    @Test
    void aVersionThatIsOlderThanTheChampionChangesNothing(Workflow workflow) throws Exception {
        workflow.release("overtaken", 3);
        Execution ended = workflow.release("overtaken", 2);
        assertFailed(workflow, ended, "overtaken", "Superseded");
        assertThat(workflow.registry().version(ModelRef.of("overtaken", 2))).containsEntry("status", "VERIFIED");
        assertThat(workflow.registry().champion("overtaken").orElseThrow()).containsEntry("version", "3");
        assertThat(workflow.answering("overtaken")).isEqualTo(3);
    }

    @Test
    void theSameEventTwiceReleasesOnce(Workflow workflow) throws Exception {
        ObjectNode event = workflow.uploads().upload(ModelRef.of("twice", 1), Samples.iris(1));
        String first = workflow.machine().start(event);
        String second = workflow.machine().start(event);
        assertThat(workflow.machine().await(first).status())
                .as(workflow.machine().await(first).toString())
                .isEqualTo("SUCCEEDED");
        assertThat(workflow.machine().await(second).status())
                .as(workflow.machine().await(second).toString())
                .isEqualTo("SUCCEEDED");
        assertThat(workflow.registry().audit("twice"))
                .filteredOn(entry -> "alias champion".equals(entry.get("what")))
                .hasSize(1);
        assertThat(workflow.registry().audit("twice"))
                .filteredOn(entry -> "REGISTERED".equals(entry.get("to")))
                .hasSize(1);
        assertThat(workflow.answering("twice")).isEqualTo(1);
    }

    @Test
    void anInputThatMakesNoSenseIsRefusedWithAllItsFaults(Workflow workflow) throws Exception {
        Execution ended = workflow.machine()
                .run(JsonNodeFactory.instance
                        .objectNode()
                        .put("modelId", "No Id")
                        .put("version", "01")
                        .put("serveWithinSeconds", 0));
        assertThat(ended.error()).isEqualTo("InvalidInput");
        assertThat(ended.cause()).contains("modelId: No Id", "version: 01", "serveWithinSeconds: 0");
    }

    /** It failed, and the audit trail says so in the end. */
    static void assertFailed(Workflow workflow, Execution ended, String modelId, String error) {
        assertThat(ended.status()).as(ended.toString()).isEqualTo("FAILED");
        assertThat(ended.error()).as(ended.toString()).isEqualTo(error);
        assertThat(workflow.registry().audit(modelId))
                .last()
                .satisfies(entry -> assertThat(entry)
                        .containsEntry("error", error)
                        .containsEntry("who", "execution " + ended.arn())
                        .containsEntry("reason", ended.cause()));
    }

    private static Map<String, String> variables(JsonNode arguments) {
        Map<String, String> variables = new TreeMap<>();
        arguments
                .at("/Overrides/ContainerOverrides/0/Environment")
                .forEach(variable -> variables.put(
                        variable.path("Name").asText(), variable.path("Value").asText()));
        return variables;
    }
}
