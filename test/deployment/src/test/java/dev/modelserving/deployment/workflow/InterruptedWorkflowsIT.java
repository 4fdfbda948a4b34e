package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.workflow.StateMachine.Execution;
import dev.modelserving.deployment.workflow.WorkflowPlatform.Workflow;
import dev.modelserving.model.ModelRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Promotions and rollbacks of the same models at the same time, of which many are stopped wherever they are. */
@ExtendWith(WorkflowPlatform.class)
class InterruptedWorkflowsIT {
    private static final long SEED = Long.getLong("workflow.seed", 7);
    private static final List<String> MODELS = List.of("torn-a", "torn-b");
    private static final int VERSIONS = 3;
    private static final int EXECUTIONS = 40;
    private static final int AT_ONCE = 8;
    private static final List<String> STOPPED_AT = List.of(
            "PromoteChampion",
            "WatchChampion",
            "WaitUntilServed",
            "PauseBeforeWatching",
            "ConfirmPromotion",
            "RecordFailure");

    private final Random random = new Random(SEED);

    @Test
    void theNextPromotionFindsNothingInItsWayAndTheAuditTrailExplainsAllOfIt(Workflow workflow) throws Exception {
        for (String model : MODELS) {
            for (int version = 1; version <= VERSIONS; version++) {
                ModelRef ref = ModelRef.of(model, version);
                ObjectNode event = workflow.uploads().upload(ref, Samples.iris(version == 2 ? 2 : 1));
                assertThat(workflow.machine().run(event.put("action", "verify")).outcome())
                        .isEqualTo("VERIFIED");
            }
        }
        for (Execution ended : many(workflow)) {
            assertThat(ended.status() + " " + ended.error())
                    .as(ended.toString())
                    .isIn("SUCCEEDED ", "ABORTED ", "FAILED Superseded", "FAILED NothingToRestore");
        }
        for (String model : MODELS) {
            ended(workflow, model);
        }
    }

    private List<Execution> many(Workflow workflow) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Execution>> running = new ArrayList<>();
            for (int i = 0; i < EXECUTIONS; i++) {
                ObjectNode input = input();
                String stopAt = random.nextInt(2) == 0 ? STOPPED_AT.get(random.nextInt(STOPPED_AT.size())) : "";
                running.add(threads.submit(() -> run(workflow, input, stopAt)));
            }
            List<Execution> ended = new ArrayList<>();
            for (Future<Execution> one : running) {
                ended.add(one.get());
            }
            return ended;
        } finally {
            threads.shutdownNow();
        }
    }

    private ObjectNode input() {
        ObjectNode input =
                JsonNodeFactory.instance.objectNode().put("modelId", MODELS.get(random.nextInt(MODELS.size())));
        return random.nextInt(5) == 0
                ? input.put("action", "rollback")
                : input.put("action", "promote").put("version", 1 + random.nextInt(VERSIONS));
    }

    private static Execution run(Workflow workflow, ObjectNode input, String stopAt) throws Exception {
        String execution = workflow.machine().start(input);
        if (!stopAt.isEmpty()) {
            workflow.machine().stopAt(execution, stopAt);
        }
        return workflow.machine().await(execution);
    }

    private static void ended(Workflow workflow, String model) throws Exception {
        Execution last = workflow.machine()
                .run(JsonNodeFactory.instance
                        .objectNode()
                        .put("action", "promote")
                        .put("modelId", model)
                        .put("version", VERSIONS));
        assertThat(last.status()).as(last.toString()).isEqualTo("SUCCEEDED");
        AuditTrail.Champion replayed = AuditTrail.assertExplains(workflow.registry(), model);
        assertThat(replayed.version()).isEqualTo(VERSIONS);
        assertThat(replayed.unconfirmed()).isFalse();
        assertThat(workflow.answering(model)).isEqualTo(VERSIONS);
    }
}
