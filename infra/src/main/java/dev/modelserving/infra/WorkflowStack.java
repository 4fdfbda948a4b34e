package dev.modelserving.infra;

import dev.modelserving.infra.settings.StageSettings;
import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ManifestTriggerProps;
import dev.modelserving.infra.workflow.ModelWorkflow;
import dev.modelserving.infra.workflow.ModelWorkflowProps;
import dev.modelserving.infra.workflow.PipelineTask;
import dev.modelserving.infra.workflow.PipelineTaskProps;
import dev.modelserving.infra.workflow.WorkflowDefinition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.kms.IKey;
import software.constructs.Construct;

/** What verifies and promotes models: the state machine, the task that it runs, and what starts it. */
final class WorkflowStack extends Stack {
    private final ModelWorkflow workflow;
    private final @Nullable ManifestTrigger trigger;

    WorkflowStack(
            Construct scope,
            String id,
            StackProps props,
            StageSettings settings,
            DataStack data,
            ServingStack serving) {
        super(scope, id, props);
        StageSettings.Workflow wanted = settings.workflow();
        IKey key = data.key().orElse(null);
        PipelineTask task = new PipelineTask(
                this,
                "Pipeline",
                PipelineTaskProps.builder()
                        .cluster(serving.service().cluster())
                        .network(serving.network())
                        .lake(data.lake())
                        .registry(data.registry())
                        .image(serving.image())
                        .architecture(ServingStack.architecture(settings.service()))
                        .size(wanted.size())
                        .ephemeralStorage(wanted.ephemeralStorage())
                        .environment(settings.service().environment())
                        .logRetention(settings.observability().logRetention())
                        .logKey(key)
                        .logRemovalPolicy(data.removalPolicy())
                        .build());
        this.workflow = new ModelWorkflow(
                this,
                "Workflow",
                ModelWorkflowProps.builder()
                        .name(settings.qualifiedName() + "-workflow")
                        .definition(WorkflowDefinition.standard())
                        .task(task)
                        .registry(data.registry())
                        .verifyWithin(ServingStack.seconds(wanted.verifyWithin()))
                        .serveWithin(ServingStack.seconds(wanted.serveWithin()))
                        .retryDelay(ServingStack.seconds(wanted.retryDelay()))
                        .key(key)
                        .logRetention(settings.observability().logRetention())
                        .logRemovalPolicy(data.removalPolicy())
                        .build());
        this.trigger = wanted.onManifest()
                ? new ManifestTrigger(
                        this,
                        "OnManifest",
                        ManifestTriggerProps.builder()
                                .lake(data.lake())
                                .workflow(workflow)
                                .key(key)
                                .build())
                : null;
        outputs(task);
    }

    ModelWorkflow workflow() {
        return workflow;
    }

    /** Empty where the workflow is started by others only. */
    Optional<ManifestTrigger> trigger() {
        return Optional.ofNullable(trigger);
    }

    private void outputs(PipelineTask task) {
        output(
                "StateMachineArn",
                workflow.machine().getStateMachineArn(),
                "To release a version by hand: aws stepfunctions start-execution --state-machine-arn $StateMachineArn"
                        + " --input '{\"modelId\":\"iris\",\"version\":2}'");
        output(
                "VerificationLogGroup",
                task.logGroup().getLogGroupName(),
                "What verifications say: aws logs tail $VerificationLogGroup --follow");
        trigger()
                .ifPresent(made -> output(
                        "NotStartedQueue",
                        made.notStarted().getQueueUrl(),
                        "Events of manifests for which the workflow could not be started"));
    }

    private void output(String id, String value, String description) {
        CfnOutput.Builder.create(this, id).value(value).description(description).build();
    }
}
