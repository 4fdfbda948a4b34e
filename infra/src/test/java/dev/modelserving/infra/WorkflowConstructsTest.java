package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.lake.DataLakeProps;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.network.ServingNetworkProps;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.registry.ModelRegistryTableProps;
import dev.modelserving.infra.workflow.ManifestTrigger;
import dev.modelserving.infra.workflow.ManifestTriggerProps;
import dev.modelserving.infra.workflow.ModelWorkflow;
import dev.modelserving.infra.workflow.ModelWorkflowProps;
import dev.modelserving.infra.workflow.PipelineTask;
import dev.modelserving.infra.workflow.PipelineTaskProps;
import dev.modelserving.infra.workflow.WorkflowDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** The workflow's constructs in an app of others, with what they are given if they are given nothing. */
class WorkflowConstructsTest {
    private final StackTemplate theirs = theirs(WorkflowDefinition.standard());

    @Test
    void theirTemplateRefersToNothingThatIsNotThere() {
        assertThat(TemplateFaults.in(List.of(theirs))).isEmpty();
    }

    @Test
    void logsAreKept() {
        assertThat(theirs.resources("AWS::Logs::LogGroup").values()).hasSize(2).allSatisfy(group -> {
            assertThat(group.path("DeletionPolicy").textValue()).isEqualTo("Retain");
            assertThat(group.at("/Properties/RetentionInDays").intValue()).isEqualTo(30);
        });
    }

    @Test
    void timesAreThoseOfTheGuide() {
        assertThat(theirs.only("AWS::StepFunctions::StateMachine")
                        .path("DefinitionSubstitutions")
                        .toString())
                .contains(
                        "\"VerifyWithinSeconds\":\"1800\"",
                        "\"ServeWithinSeconds\":\"300\"",
                        "\"RetryDelaySeconds\":\"15\"",
                        "\"PollSeconds\":\"5\"");
    }

    @Test
    void whoIsToStartItMayDoThatAndNothingElse() {
        assertThat(theirs.statements(theirs.id("AWS::IAM::Role", "Starts")))
                .singleElement()
                .satisfies(statement ->
                        assertThat(texts(statement.path("Action"))).containsExactly("states:StartExecution"));
    }

    /** Without the feature flags of our cdk.json, and with what a definition of their own may be. */
    static StackTemplate theirs(WorkflowDefinition definition) {
        Stack stack = new Stack(new App(), "Theirs");
        ServingNetwork network = new ServingNetwork(
                stack, "Network", ServingNetworkProps.builder().build());
        ModelRegistryTable registry = new ModelRegistryTable(
                stack, "Registry", ModelRegistryTableProps.builder().build());
        DataLake lake = new DataLake(stack, "Lake", DataLakeProps.builder().build());
        PipelineTask task = new PipelineTask(
                stack,
                "Pipeline",
                PipelineTaskProps.builder()
                        .cluster(Cluster.Builder.create(stack, "Cluster")
                                .vpc(network.vpc())
                                .build())
                        .network(network)
                        .lake(lake)
                        .registry(registry)
                        .image(ContainerImage.fromRegistry("model-serving"))
                        .build());
        ModelWorkflow workflow = new ModelWorkflow(
                stack,
                "Workflow",
                ModelWorkflowProps.builder()
                        .name("theirs")
                        .definition(definition)
                        .task(task)
                        .registry(registry)
                        .build());
        new ManifestTrigger(
                stack,
                "OnManifest",
                ManifestTriggerProps.builder().lake(lake).workflow(workflow).build());
        workflow.grantStart(Role.Builder.create(stack, "Starts")
                .assumedBy(new AccountRootPrincipal())
                .build());
        return Templates.of((App) stack.getNode().getRoot()).byStack().get("Theirs");
    }
}
