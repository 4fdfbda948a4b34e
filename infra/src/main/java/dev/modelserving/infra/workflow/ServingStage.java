package dev.modelserving.infra.workflow;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.stepfunctions.CatchProps;
import software.amazon.awscdk.services.stepfunctions.Choice;
import software.amazon.awscdk.services.stepfunctions.ChoiceJsonataProps;
import software.amazon.awscdk.services.stepfunctions.Condition;
import software.amazon.awscdk.services.stepfunctions.Fail;
import software.amazon.awscdk.services.stepfunctions.FailJsonataProps;
import software.amazon.awscdk.services.stepfunctions.IChainable;
import software.amazon.awscdk.services.stepfunctions.INextable;
import software.amazon.awscdk.services.stepfunctions.IntegrationPattern;
import software.amazon.awscdk.services.stepfunctions.State;
import software.amazon.awscdk.services.stepfunctions.StateMachineFragment;
import software.amazon.awscdk.services.stepfunctions.TaskInput;
import software.amazon.awscdk.services.stepfunctions.Timeout;
import software.amazon.awscdk.services.stepfunctions.tasks.StepFunctionsStartExecution;
import software.amazon.awscdk.services.stepfunctions.tasks.StepFunctionsStartExecutionJsonataProps;
import software.constructs.Construct;

/**
 * The stage as a part of a larger workflow: {@code train.next(evaluate).next(servingStage).next(tell)}. It runs the stage's
 * workflow for one version, waits for its end, and puts what came of it beside what the workflow around it knows, as
 * {@code serving}: {@code {"modelId","version","outcome",...}}, or {@code {"error","cause","execution"}} with the stage's own
 * error, for {@code onError}.
 *
 * <p>Its states are written in JSONata, which a workflow in JSONPath may have too. The role of the state machine that it is
 * put into is allowed to start the stage's, to see how it ends and to stop it.
 */
public final class ServingStage extends StateMachineFragment {
    private final ServingStageProps props;
    private final StepFunctionsStartExecution release;

    public ServingStage(Construct scope, String id, ServingStageProps props) {
        super(scope, id);
        this.props = props;
        this.release = StepFunctionsStartExecution.jsonata(
                this,
                id,
                StepFunctionsStartExecutionJsonataProps.builder()
                        .comment("Verifies the version, makes it champion, and waits until it is served")
                        .stateMachine(props.workflow())
                        .integrationPattern(IntegrationPattern.RUN_JOB)
                        .associateWithParent(true)
                        .input(TaskInput.fromObject(input()))
                        .taskTimeout(Timeout.duration(props.timeout()))
                        .outputs(beside("$states.result.Output"))
                        .build());
        release.addCatch(
                afterError(id),
                CatchProps.builder()
                        .errors(List.of("States.ALL"))
                        .outputs(error())
                        .build());
    }

    @Override
    public State getStartState() {
        return release;
    }

    /** Where it goes on when the version is served. */
    @Override
    public List<INextable> getEndStates() {
        return List.of(release);
    }

    /** Where the stage has a key, the role of the state machine around it needs that key, for this one purpose. */
    public Grant grantKey(IGrantable stateMachine) {
        return props.key() == null
                ? Grant.drop(stateMachine, "the stage has no key")
                : WorkflowKey.grant(props.key(), props.workflow().getStateMachineArn(), stateMachine);
    }

    private Map<String, Object> input() {
        Map<String, Object> input = new TreeMap<>(Map.of("action", props.action(), "modelId", props.modelId()));
        if (!props.action().equals("rollback")) {
            input.put("version", props.version());
        }
        if (!props.requireReplicas()) {
            input.put("requireReplicas", false);
        }
        return input;
    }

    private IChainable afterError(String id) {
        Fail failed = Fail.jsonata(
                this,
                id + "Failed",
                FailJsonataProps.builder()
                        .comment("As the stage failed")
                        .error("{%% $states.input.%s.error %%}".formatted(props.field()))
                        .cause("{%% $states.input.%s.cause %%}".formatted(props.field()))
                        .build());
        if (props.onError().isEmpty()) {
            return failed;
        }
        Choice which = Choice.jsonata(
                this, id + "WhichError", ChoiceJsonataProps.builder().build());
        new TreeMap<>(props.onError())
                .forEach((error, next) -> which.when(
                        Condition.jsonata("{%% $states.input.%s.error = '%s' %%}".formatted(props.field(), error)),
                        next));
        return which.otherwise(failed);
    }

    /**
     * The failure of an execution that was waited for is in the Cause: the execution as JSON, with its own Error and Cause.
     * Where it could not be started, or was stopped because of the timeout, the Cause is a sentence.
     */
    private String error() {
        return beside("($failure := $states.errorOutput;"
                + " $execution := $substring($failure.Cause, 0, 1) = '{' ? $parse($failure.Cause) : {};"
                + " {'error': $exists($execution.Error) ? $execution.Error : $failure.Error,"
                + " 'cause': $exists($execution.Cause) ? $execution.Cause : $failure.Cause,"
                + " 'execution': $execution.ExecutionArn})");
    }

    private String beside(String what) {
        return "{%% $merge([$states.input, {'%s': %s}]) %%}".formatted(props.field(), what);
    }
}
