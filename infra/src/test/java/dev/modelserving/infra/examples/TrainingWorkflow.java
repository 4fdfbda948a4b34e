package dev.modelserving.infra.examples;

import dev.modelserving.infra.workflow.ServingStage;
import dev.modelserving.infra.workflow.ServingStageProps;
import java.util.Map;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.IFunction;
import software.amazon.awscdk.services.stepfunctions.Choice;
import software.amazon.awscdk.services.stepfunctions.Condition;
import software.amazon.awscdk.services.stepfunctions.DefinitionBody;
import software.amazon.awscdk.services.stepfunctions.IStateMachine;
import software.amazon.awscdk.services.stepfunctions.QueryLanguage;
import software.amazon.awscdk.services.stepfunctions.StateMachine;
import software.amazon.awscdk.services.stepfunctions.Succeed;
import software.amazon.awscdk.services.stepfunctions.tasks.LambdaInvoke;
import software.amazon.awscdk.services.stepfunctions.tasks.LambdaInvokeJsonataProps;
import software.constructs.Construct;

/** A team's own workflow: it trains a model, looks whether it is better, and has the stage serve it. */
public final class TrainingWorkflow extends Stack {
    public TrainingWorkflow(Construct scope, String id) {
        super(scope, id);
        // The name of the stage's state machine, or its ARN, which is an output: StateMachineArn.
        IStateMachine stage = StateMachine.fromStateMachineName(this, "Stage", "model-serving-prod-workflow");

        // Writes model and manifest to models/<modelId>/<version>/; its answer has modelId and version.
        LambdaInvoke train = step("Train");
        // Adds what it measured: score.
        LambdaInvoke evaluate = step("Evaluate");
        ServingStage serve = new ServingStage(
                this,
                "Serve",
                ServingStageProps.builder()
                        .workflow(stage)
                        .onError(Map.of("ModelRejected", step("TellTheTrainers"), "Superseded", done("NewerIsServed")))
                        .build());

        Choice better = Choice.jsonata(this, "IsItBetter");
        better.when(Condition.jsonata("{% $states.input.score >= 0.9 %}"), serve.next(done("Served")))
                .otherwise(done("NotBetter"));
        StateMachine.Builder.create(this, "Workflow")
                .queryLanguage(QueryLanguage.JSONATA)
                .definitionBody(
                        DefinitionBody.fromChainable(train.next(evaluate).next(better)))
                .build();
    }

    private LambdaInvoke step(String name) {
        IFunction function = Function.fromFunctionName(this, name + "Function", "our-" + name);
        return LambdaInvoke.jsonata(
                this,
                name,
                LambdaInvokeJsonataProps.builder()
                        .lambdaFunction(function)
                        .outputs("{% $states.result.Payload %}")
                        .build());
    }

    private Succeed done(String name) {
        return Succeed.jsonata(this, name);
    }
}
