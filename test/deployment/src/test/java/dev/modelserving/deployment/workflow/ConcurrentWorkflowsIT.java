package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.model.ModelRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Twenty executions at once, whose verifications all end at one moment: as if they had come one after the other. */
@ExtendWith(WorkflowPlatform.class)
class ConcurrentWorkflowsIT {
    private static final int MODELS = 5;
    private static final long VERSIONS = 4;
    private static final long CORRUPT = 3;

    @Test
    void twentyExecutionsOverFiveModelsEndAsSomeOrderOfThemWould(Workflow workflow) throws Exception {
        CountDownLatch verified = new CountDownLatch(MODELS * (int) VERSIONS);
        Map<ModelRef, ObjectNode> events = new LinkedHashMap<>();
        for (long version = VERSIONS; version > 0; version--) {
            for (int model = 0; model < MODELS; model++) {
                ModelRef ref = ModelRef.of("crowd-" + model, version);
                workflow.tasks().next(ref.id().value(), Fate.runsBefore(() -> {
                    verified.countDown();
                    verified.await(4, TimeUnit.MINUTES);
                }));
                events.put(
                        ref,
                        version == CORRUPT
                                ? workflow.uploads().uploadCorrupt(ref, Samples.iris(1))
                                : workflow.uploads().upload(ref, Samples.iris(version % 2 == 0 ? 2 : 1)));
            }
        }
        Map<ModelRef, String> started = new LinkedHashMap<>();
        for (Map.Entry<ModelRef, ObjectNode> event : events.entrySet()) {
            started.put(event.getKey(), workflow.machine().start(event.getValue()));
        }
        for (Map.Entry<ModelRef, String> execution : started.entrySet()) {
            assertEndOnRecord(workflow, execution.getKey(), workflow.machine().await(execution.getValue()));
        }
        for (int model = 0; model < MODELS; model++) {
            assertSerial(workflow, "crowd-" + model);
        }
    }

    private static void assertEndOnRecord(Workflow workflow, ModelRef ref, Execution ended) {
        List<Map<String, String>> audit = workflow.registry().audit(ref.id().value());
        String version = ref.version().toString();
        boolean corrupt = ref.version().value() == CORRUPT;
        assertThat(workflow.registry().verdict(ended.arn(), ref).orElseThrow())
                .containsEntry("outcome", corrupt ? "REJECTED" : "VERIFIED");
        assertThat(audit)
                .filteredOn(entry -> ("status of version " + version).equals(entry.get("what")))
                .extracting(entry -> entry.get("to"))
                .containsExactly("REGISTERED", corrupt ? "REJECTED" : "VERIFIED");
        if (ended.status().equals("FAILED")) {
            assertThat(ended.error()).as(ended.toString()).isEqualTo(corrupt ? "ModelRejected" : "Superseded");
            assertThat(audit)
                    .filteredOn(entry -> ("execution " + ended.arn()).equals(entry.get("who")))
                    .last()
                    .satisfies(entry -> assertThat(entry)
                            .containsEntry("error", ended.error())
                            .containsEntry("reason", ended.cause()));
        } else {
            assertThat(ended.outcome()).as(ended.toString()).isEqualTo("PROMOTED");
            assertThat(audit)
                    .filteredOn(entry -> "alias champion confirmed".equals(entry.get("what")))
                    .extracting(entry -> entry.get("to"))
                    .contains(version);
        }
    }

    /** In any order of the four the newest good version ends as champion: none ever goes back. */
    private static void assertSerial(Workflow workflow, String modelId) throws Exception {
        AuditTrail.Champion replayed = AuditTrail.assertExplains(workflow.registry(), modelId);
        assertThat(replayed.version()).isEqualTo(VERSIONS);
        assertThat(replayed.unconfirmed()).isFalse();
        assertThat(workflow.answering(modelId)).isEqualTo(VERSIONS);
    }
}
