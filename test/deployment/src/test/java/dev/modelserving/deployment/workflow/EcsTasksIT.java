package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.modelserving.deployment.EmulatedAws;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulated {@code ecs:runTask.sync} ends as that of AWS does; else the tests of the workflow would prove nothing. */
class EcsTasksIT {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String DEFINITION = """
            {"QueryLanguage": "JSONata", "StartAt": "Set", "States": {
              "Set": {"Type": "Pass", "Assign": {"limit": 2, "model": "{% $states.input.modelId %}"}, "Next": "Swap"},
              "Swap": {"Type": "Pass", "Assign": {"limit": 60, "before": "{% $limit %}"}, "Next": "Run"},
              "Run": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync",
                "TimeoutSeconds": "{% $model = 'slow' ? $before : $limit %}",
                "Arguments": {"Cluster": "serving", "TaskDefinition": "pipeline:1", "Overrides": {"ContainerOverrides": [
                  {"Name": "pipeline", "Environment": [{"Name": "CANDIDATE_MODEL_ID", "Value": "{% $model %}"}]}]}},
                "End": true}}}
            """;

    @TempDir
    private static Path folder;

    private static EcsTasks tasks;
    private static EmulatedAws aws;
    private static StateMachine machine;

    @BeforeAll
    static void start() throws Exception {
        tasks = EcsTasks.start(folder);
        aws = EmulatedAws.startWithTasks(folder, tasks.url());
        machine = StateMachine.create(aws, "tasks", DEFINITION);
    }

    @AfterAll
    static void stop() throws Exception {
        aws.close();
        tasks.close();
    }

    @Test
    void givesTheTaskAsTheResultWhenTheContainerEndsWith0() throws Exception {
        tasks.next("good", Fate.exits(0));
        StateMachine.Execution ended = run("good");
        assertThat(ended.status()).as(ended.toString()).isEqualTo("SUCCEEDED");
        assertThat(ended.output().at("/Containers/0/ExitCode").asInt(-1)).isZero();
        assertThat(ended.output()
                        .at("/Overrides/ContainerOverrides/0/Environment/0/Value")
                        .asText())
                .isEqualTo("good");
    }

    @Test
    void failsWithTheTaskAsJsonInTheCauseOnAnyOtherExitCode() throws Exception {
        tasks.next("bad", Fate.exits(65));
        StateMachine.Execution ended = run("bad");
        assertThat(ended.error()).isEqualTo("States.TaskFailed");
        JsonNode cause = new ObjectMapper().readTree(ended.cause());
        assertThat(cause.at("/Containers/0/ExitCode").asInt()).isEqualTo(65);
        assertThat(cause.path("StopCode").asText()).isEqualTo("EssentialContainerExited");
    }

    @Test
    void failsWithoutAnExitCodeWhenTheTaskDidNotStart() throws Exception {
        tasks.next("unstarted", Fate.notStarted("CannotPullContainerError: not found"));
        StateMachine.Execution ended = run("unstarted");
        assertThat(ended.error()).isEqualTo("States.TaskFailed");
        JsonNode cause = new ObjectMapper().readTree(ended.cause());
        assertThat(cause.at("/Containers/0/ExitCode").isMissingNode()).isTrue();
        assertThat(cause.path("StoppedReason").asText()).isEqualTo("CannotPullContainerError: not found");
    }

    @Test
    void failsWithTheErrorOfEcsWhenItRefusesTheTask() throws Exception {
        tasks.next("refused", Fate.noCapacity());
        StateMachine.Execution ended = run("refused");
        assertThat(ended.error()).isEqualTo("ECS.AmazonECSException");
        assertThat(ended.cause()).startsWith("Capacity is unavailable at this time.");
    }

    @Test
    void stopsTheTaskWhenTheStateTimesOut() throws Exception {
        CountDownLatch stopped = untilStopped("slow");
        assertThat(run("slow").error()).isEqualTo("States.Timeout");
        assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void stopsTheTaskWhenTheExecutionIsStopped() throws Exception {
        CountDownLatch stopped = untilStopped("aborted");
        String execution = machine.start(JSON.objectNode().put("modelId", "aborted"));
        Awaitility.await().until(() -> !tasks.asked("aborted").isEmpty());
        machine.stop(execution);
        assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
        Awaitility.await()
                .during(Duration.ofMillis(300))
                .until(() -> machine.describe(execution).status().equals("ABORTED"));
    }

    /** The model's next task runs until it is stopped. */
    private static CountDownLatch untilStopped(String model) {
        CountDownLatch stopped = new CountDownLatch(1);
        tasks.next(model, task -> {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(task::isStopped);
            stopped.countDown();
            return Ending.stopped(143);
        });
        return stopped;
    }

    private static StateMachine.Execution run(String model) throws Exception {
        return machine.run(JSON.objectNode().put("modelId", model));
    }
}
