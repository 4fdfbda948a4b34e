package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.infra.examples.TrainingWorkflow;
import dev.modelserving.infra.workflow.ServingStage;
import dev.modelserving.infra.workflow.ServingStageProps;
import dev.modelserving.infra.workflow.ServingStagePropsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.stepfunctions.DefinitionBody;
import software.amazon.awscdk.services.stepfunctions.IStateMachine;
import software.amazon.awscdk.services.stepfunctions.Pass;
import software.amazon.awscdk.services.stepfunctions.QueryLanguage;
import software.amazon.awscdk.services.stepfunctions.StateMachine;
import software.amazon.awscdk.services.stepfunctions.Succeed;

/** The stage as a part of a workflow of others. */
class ServingStageTest {
    private static final String OURS = "arn:aws:states:eu-west-1:123456789012:stateMachine:model-serving-prod-workflow";
    private static final String KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    @ParameterizedTest
    @EnumSource(QueryLanguage.class)
    void itIsAStateInJsonataInWorkflowsOfBothLanguages(QueryLanguage language) {
        JsonNode definition = definition(theirs(language, props -> props));
        JsonNode serve = definition.at("/States/Serve");
        assertThat(serve.path("Resource").textValue()).endsWith(":states:::states:startExecution.sync:2");
        assertThat(language == QueryLanguage.JSONATA ? definition.path("QueryLanguage") : serve.path("QueryLanguage"))
                .isEqualTo(StackTemplate.text("JSONata"));
        assertThat(serve.path("Next").textValue()).isEqualTo("Served");
        assertThat(DefinitionFaults.in(definition, List.of()))
                .filteredOn(fault -> !fault.contains("Fail without"))
                .isEmpty();
    }

    @Test
    void itPassesTheVersionOnAndSaysWhoStartedIt() {
        JsonNode input =
                definition(theirs(QueryLanguage.JSONATA, props -> props)).at("/States/Serve/Arguments/Input");
        assertThat(input.toString())
                .isEqualTo("{\"action\":\"release\",\"modelId\":\"{% $states.input.modelId %}\","
                        + "\"version\":\"{% $states.input.version %}\",\"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID\":"
                        + "\"{% $states.context.Execution.Id %}\"}");
    }

    @Test
    void whatTheCallerChoosesReachesTheStage() {
        JsonNode states = definition(theirs(
                        QueryLanguage.JSONATA,
                        props -> props.action("promote")
                                .modelId("iris")
                                .version("{% $states.input.candidate %}")
                                .requireReplicas(false)
                                .timeout(Duration.minutes(90))
                                .field("stage")))
                .path("States");
        assertThat(states.at("/Serve/Arguments/Input").toString())
                .contains(
                        "\"action\":\"promote\"",
                        "\"modelId\":\"iris\"",
                        "$states.input.candidate",
                        "\"requireReplicas\":false");
        assertThat(states.at("/Serve/TimeoutSeconds").intValue()).isEqualTo(5400);
        assertThat(states.at("/Serve/Output").textValue())
                .isEqualTo("{% $merge([$states.input, {'stage': $states.result.Output}]) %}");
        assertThat(states.at("/ServeFailed/Error").textValue()).isEqualTo("{% $states.input.stage.error %}");
    }

    @Test
    void aRollbackNamesNoVersion() {
        assertThat(definition(theirs(QueryLanguage.JSONATA, props -> props.action("rollback")))
                        .at("/States/Serve/Arguments/Input")
                        .has("version"))
                .isFalse();
    }

    @Test
    void itWaitsLongerThanTheStageItselfTakes() throws IOException {
        JsonNode definition =
                StackTemplate.JSON.readTree(Files.readString(Path.of("..", "statemachine", "ml-workflow.asl.json")));
        assertThat(definition(theirs(QueryLanguage.JSONATA, props -> props))
                        .at("/States/Serve/TimeoutSeconds")
                        .intValue())
                .isGreaterThan(definition.path("TimeoutSeconds").intValue());
    }

    @Test
    void theStagesErrorIsReadOutOfTheCauseAndFailsTheCallerByItsName() {
        JsonNode states =
                definition(theirs(QueryLanguage.JSONATA, props -> props)).path("States");
        JsonNode caught = states.at("/Serve/Catch/0");
        assertThat(texts(caught.path("ErrorEquals"))).containsExactly("States.ALL");
        assertThat(caught.path("Output").textValue()).contains("$parse($failure.Cause)", "'error'", "'cause'");
        assertThat(caught.path("Next").textValue()).isEqualTo("ServeFailed");
        assertThat(states.at("/ServeFailed/Error").textValue()).isEqualTo("{% $states.input.serving.error %}");
        assertThat(states.at("/ServeFailed/Cause").textValue()).isEqualTo("{% $states.input.serving.cause %}");
    }

    @Test
    void eachErrorCanBeFollowedByItsOwnStates() {
        Stack stack = stack();
        JsonNode states = definition(template(
                        stack,
                        QueryLanguage.JSONATA,
                        props -> props.onError(Map.of(
                                "Superseded",
                                Succeed.jsonata(stack, "Newer"),
                                "ModelRejected",
                                Pass.jsonata(stack, "Tell"))),
                        null))
                .path("States");
        JsonNode which = states.path("ServeWhichError");
        assertThat(states.at("/Serve/Catch/0/Next").textValue()).isEqualTo("ServeWhichError");
        assertThat(which.path("Choices").findValuesAsText("Condition"))
                .containsExactly(
                        "{% $states.input.serving.error = 'ModelRejected' %}",
                        "{% $states.input.serving.error = 'Superseded' %}");
        assertThat(which.path("Choices").findValuesAsText("Next")).containsExactly("Tell", "Newer");
        assertThat(which.path("Default").textValue()).isEqualTo("ServeFailed");
    }

    @Test
    void theCallersRoleMayStartWatchAndStopTheStageAndNothingElse() {
        StackTemplate theirs = theirs(QueryLanguage.JSONATA, props -> props);
        List<JsonNode> statements = theirs.statements(theirs.id("AWS::IAM::Role", "Workflow"));
        assertThat(statements)
                .flatExtracting(statement -> texts(statement.path("Action")))
                .containsExactlyInAnyOrder(
                        "states:StartExecution",
                        "states:DescribeExecution",
                        "states:StopExecution",
                        "events:PutTargets",
                        "events:PutRule",
                        "events:DescribeRule");
        assertThat(statements)
                .filteredOn(statement -> texts(statement.path("Action")).contains("states:StartExecution"))
                .singleElement()
                .satisfies(statement ->
                        assertThat(statement.path("Resource").textValue()).isEqualTo(OURS));
    }

    @Test
    void theCallersRoleGetsTheKeyForThisStageWhereThereIsOne() {
        Stack stack = stack();
        IKey key = Key.fromKeyArn(stack, "Key", KEY_ARN);
        StackTemplate theirs = template(stack, QueryLanguage.JSONATA, props -> props, key);
        assertThat(theirs.statements(theirs.id("AWS::IAM::Role", "Workflow")))
                .filteredOn(statement -> texts(statement.path("Resource")).contains(KEY_ARN))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(texts(statement.path("Action")))
                            .containsExactlyInAnyOrder("kms:Decrypt", "kms:GenerateDataKey");
                    assertThat(statement
                                    .at("/Condition/StringEquals/kms:EncryptionContext:aws:states:stateMachineArn")
                                    .textValue())
                            .isEqualTo(OURS);
                });
    }

    @Test
    void theExampleOfTheGuideIsAWorkflowThatCloudFormationTakes() {
        App app = new App();
        new TrainingWorkflow(app, "Training");
        StackTemplate training = Templates.of(app).byStack().get("Training");
        assertThat(TemplateFaults.in(List.of(training))).isEmpty();
        JsonNode definition = definition(training);
        assertThat(definition.path("StartAt").textValue()).isEqualTo("Train");
        assertThat(DefinitionFaults.unreachable(definition)).isEmpty();
        assertThat(definition.at("/States/Serve/Arguments/StateMachineArn").textValue())
                .endsWith(":stateMachine:model-serving-prod-workflow");
    }

    /** From its first comment on, as it stands in the file. */
    @Test
    void theGuideShowsTheExampleAsItIs() throws IOException {
        String source = Files.readString(
                Path.of("src", "test", "java", "dev", "modelserving", "infra", "examples", "TrainingWorkflow.java"));
        String shown = source.substring(source.indexOf("        // The name"), source.indexOf("    }\n\n    private"));
        String indented = shown.lines()
                .map(line -> line.isEmpty() ? "" : line.substring(4))
                .reduce("", (before, line) -> before + line + "\n");
        assertThat(Files.readString(Path.of("..", "docs", "operations.md"))).contains(indented);
    }

    private static StackTemplate theirs(QueryLanguage language, UnaryOperator<ServingStagePropsBuilder> props) {
        return template(stack(), language, props, null);
    }

    private static Stack stack() {
        return new Stack(new App(), "Theirs");
    }

    private static StackTemplate template(
            Stack stack, QueryLanguage language, UnaryOperator<ServingStagePropsBuilder> props, IKey key) {
        IStateMachine ours = StateMachine.fromStateMachineArn(stack, "Ours", OURS);
        ServingStage serve = new ServingStage(
                stack,
                "Serve",
                props.apply(ServingStageProps.builder().workflow(ours).key(key)).build());
        StateMachine workflow = StateMachine.Builder.create(stack, "Workflow")
                .queryLanguage(language)
                .definitionBody(DefinitionBody.fromChainable(serve.next(Succeed.jsonata(stack, "Served"))))
                .build();
        serve.grantKey(workflow);
        return Templates.of((App) stack.getNode().getRoot()).byStack().get("Theirs");
    }

    /** With ARNs as one text. */
    private static JsonNode definition(StackTemplate template) {
        JsonNode text = template.only("AWS::StepFunctions::StateMachine").path("DefinitionString");
        if (text.isTextual()) {
            return json(text.textValue());
        }
        StringBuilder joined = new StringBuilder();
        text.at("/Fn::Join/1").forEach(part -> joined.append(part.isTextual() ? part.textValue() : "aws"));
        return json(joined.toString());
    }

    private static JsonNode json(String text) {
        try {
            return StackTemplate.JSON.readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
