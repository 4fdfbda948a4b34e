package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Json;
import dev.modelserving.deployment.SynthesisedApp;
import dev.modelserving.deployment.SynthesisedDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every way through the synthesised definition of the workflow, and every error, with the answers of AWS mocked call by call. */
class WorkflowIT {
    private static final String STACK = "model-serving-emulated-workflow";

    /** What only a deployment knows, and a pause between attempts that is short, but long enough to be measured. */
    private static final Map<String, String> VALUES = Map.of(
            "Partition", "aws",
            "ClusterArn", "arn:aws:ecs:eu-central-1:000000000000:cluster/c",
            "TaskDefinitionArn", "arn:aws:ecs:eu-central-1:000000000000:task-definition/pipeline:3",
            "SubnetIds", "subnet-1,subnet-2",
            "SecurityGroupId", "sg-1",
            "RegistryTable", "registry",
            "RetryDelaySeconds", "10",
            "PollSeconds", "1");

    private static final int AT_ONCE = 16;

    /** Those that take longest are started first. */
    private static final List<WorkflowCase> CASES = Stream.of(
                    InputCases.all(),
                    VerificationCases.all(),
                    CrashCases.all(),
                    PromotionCases.all(),
                    ServingCases.all(),
                    RollbackCases.all(),
                    RestoringCases.all(),
                    OutageCases.all())
            .flatMap(List::stream)
            .sorted(Comparator.comparing(one -> -one.steps().size()))
            .toList();

    private static final Map<String, WorkflowRun> RUNS = new TreeMap<>();
    private static Coverage coverage;

    @BeforeAll
    static void runAll(@TempDir Path folder) throws Exception {
        coverage = new Coverage(
                SynthesisedDefinition.read(SynthesisedApp.assembly(folder), STACK + ".template.json", VALUES));
        // Most of the time they pause: between attempts, and between looks at the replicas.
        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        try (Interpreter interpreter = Interpreter.start(folder, mocks())) {
            interpreter.create(WorkflowCase.MACHINE, coverage.markedDefinition());
            List<Callable<WorkflowRun>> runs = CASES.stream()
                    .<Callable<WorkflowRun>>map(one -> () ->
                            interpreter.run(WorkflowCase.MACHINE, one.name(), one.input(), Duration.ofMinutes(10)))
                    .toList();
            for (Future<WorkflowRun> run : executor.invokeAll(runs)) {
                RUNS.put(run.get().name(), run.get());
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @TestFactory
    Stream<DynamicTest> way() {
        return CASES.stream().map(one -> DynamicTest.dynamicTest(one.name(), () -> one.assertOn(RUNS.get(one.name()))));
    }

    @Test
    void everyStateAndEveryRuleCatcherAndRetrierOfItIsTaken() {
        assertThat(coverage.missedBy(RUNS.values())).isEmpty();
    }

    @Test
    void everyCaseHasANameOfItsOwn() {
        assertThat(RUNS).hasSize(CASES.size());
    }

    private static ObjectNode mocks() {
        ObjectNode mocks = Json.object();
        ObjectNode responses = mocks.putObject("MockedResponses");
        ObjectNode cases =
                mocks.putObject("StateMachines").putObject(WorkflowCase.MACHINE).putObject("TestCases");
        for (WorkflowCase one : CASES) {
            ObjectNode states = cases.putObject(one.name());
            one.mocks().forEach((state, answers) -> {
                String response = one.name() + "/" + state;
                states.put(state, response);
                responses.set(response, answers);
            });
        }
        return mocks;
    }
}
