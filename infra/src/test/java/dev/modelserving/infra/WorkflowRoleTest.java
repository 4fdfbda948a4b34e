package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.infra.workflow.DefinitionException;
import dev.modelserving.infra.workflow.WorkflowDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the state machine's role may do follows from the definition: with each call that it has, and without the others. */
class WorkflowRoleTest {
    private static final String DYNAMODB = "arn:${Partition}:states:::aws-sdk:dynamodb:";
    private static final String RUN_TASK = "arn:${Partition}:states:::ecs:runTask.sync";

    /** What logging and tracing ask for, whatever the definition calls. */
    private static final Set<String> ALWAYS = Set.of("logs", "xray");

    @ParameterizedTest
    @CsvSource({"getItem, GetItem", "putItem, PutItem", "updateItem, UpdateItem", "deleteItem, DeleteItem"})
    void aCallIsOneAction(String call, String action) {
        assertThat(actions(Map.of("Call", task(DYNAMODB + call, "{}")))).containsExactly("dynamodb:" + action);
    }

    @Test
    void aStateMoreIsItsActionsMoreAndAStateLessIsItsActionsLess() {
        JsonNode read = task(DYNAMODB + "getItem", "{}");
        JsonNode write = task(DYNAMODB + "putItem", "{}");
        assertThat(actions(Map.of("Read", read))).containsExactly("dynamodb:GetItem");
        assertThat(actions(Map.of("Read", read, "Write", write)))
                .containsExactly("dynamodb:GetItem", "dynamodb:PutItem");
        assertThat(actions(Map.of("Write", write))).containsExactly("dynamodb:PutItem");
    }

    @Test
    void aDefinitionWithoutCallsNeedsNothing() {
        assertThat(actions(Map.of("Done", json("{'Type':'Succeed'}")))).isEmpty();
    }

    @Test
    void theWholeDefinitionLosesWhatOneOfItsStatesAlonePermits() {
        ObjectNode definition = standard();
        ((ObjectNode) definition.path("States")).remove("DescribeOwner");
        assertThat(actions(definition.toString()))
                .doesNotContain("states:DescribeExecution")
                .contains("ecs:RunTask", "dynamodb:Query");
    }

    @Test
    void statesOfBranchesAndMapsCount() {
        assertThat(actions(Map.of("Both", json("""
                        {'Type':'Parallel','Branches':[{'States':{'Many':{'Type':'Map','ItemProcessor':{'States':
                        {'Deep':{'Type':'Task','Resource':'arn:${Partition}:states:::aws-sdk:dynamodb:deleteItem'}}}}}}]}""")))).containsExactly("dynamodb:DeleteItem");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            [{'Put':{}},{'Update':{}}]                                                   | PutItem,UpdateItem
            [{'Delete':{'Key':{'pk':{'S':'Put'}}}},{'ConditionCheck':{}}]                | ConditionCheckItem,DeleteItem
            '{% [{\\"Put\\": {}}, {\\"ConditionCheck\\" : {}}] %}'                       | ConditionCheckItem,PutItem
            ['{% $exists($x) ? {\\"Delete\\": {}} : {\\"Update\\": {}} %}',{'Put':{}}]   | DeleteItem,PutItem,UpdateItem
            '{% $append([{\\"Put\\": {}}], $audit) %}'                                   | PutItem,UpdateItem
            """)
    void aTransactionIsItsOperations(String items, String actions) {
        JsonNode assigns = json("{'Type':'Pass','Assign':{'audit':'{% $more %}','more':[{'Update':{}}]}}");
        JsonNode transaction = task(DYNAMODB + "transactWriteItems", "{'TransactItems':" + items + "}");
        assertThat(actions(Map.of("Assigns", assigns, "Transact", transaction)))
                .isEqualTo(prefixed("dynamodb:", actions));
    }

    @Test
    void argumentsThatAreOneExpressionAreLookedThroughToo() {
        assertThat(actions(Map.of(
                        "Transact",
                        task(DYNAMODB + "transactWriteItems", "'{% {\\\"TransactItems\\\": [{\\\"Put\\\": {}}]} %}'"),
                        "Poll",
                        task(DYNAMODB + "query", "'{% $merge([{\\\"IndexName\\\": \\\"byEntity\\\"}, $page]) %}'"))))
                .containsExactly("dynamodb:PutItem", "dynamodb:Query");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "'{% $items %}'", "'{% [{$operation: {}}] %}'"})
    void aTransactionWhoseOperationsCannotBeSeenIsRefused(String items) {
        assertThatThrownBy(() -> actions(
                        Map.of("Promote", task(DYNAMODB + "transactWriteItems", "{'TransactItems':" + items + "}"))))
                .isInstanceOf(DefinitionException.class)
                .hasMessage("state 'Promote': TransactItems names no operation (expected: Put, Update, Delete or"
                        + " ConditionCheck as a key in it)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:${Partition}:states:::lambda:invoke",
                "arn:${Partition}:states:::aws-sdk:dynamodb:scan",
                "arn:${Partition}:states:::ecs:runTask",
                "arn:aws:states:::aws-sdk:dynamodb:getItem",
                ""
            })
    void aCallThatIsNotKnownIsRefused(String resource) {
        assertThatThrownBy(() -> actions(Map.of("Strange", task(resource, "{}"))))
                .isInstanceOf(DefinitionException.class)
                .hasMessage("state 'Strange': Resource " + resource
                        + " (expected: arn:${Partition}:states::: and aws-sdk:dynamodb:deleteItem,"
                        + " aws-sdk:dynamodb:getItem, aws-sdk:dynamodb:putItem, aws-sdk:dynamodb:updateItem,"
                        + " aws-sdk:dynamodb:query, aws-sdk:dynamodb:transactWriteItems,"
                        + " aws-sdk:sfn:describeExecution or ecs:runTask.sync)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'IndexName':'other'}", "{'IndexName':'{% $index %}'}"})
    void aQueryThatIsNotOfTheIndexIsRefused(String arguments) {
        assertThatThrownBy(() -> actions(Map.of("Poll", task(DYNAMODB + "query", arguments))))
                .isInstanceOf(DefinitionException.class)
                .hasMessageStartingWith("state 'Poll': IndexName '")
                .hasMessageEndingWith("' (expected: byEntity, in plain words)");
    }

    @Test
    void tagsOfTasksAreARightOfTheirOwn() {
        assertThat(actions(Map.of("Run", task(RUN_TASK, "{'PropagateTags':'TASK_DEFINITION'}"))))
                .contains("ecs:TagResource");
        assertThat(actions(Map.of("Run", task(RUN_TASK, "{}")))).doesNotContain("ecs:TagResource");
    }

    @Test
    void theWorkflowsRoleMayDoThisAndNothingBeyond() {
        StackTemplate workflow = Templates.of().workflow();
        List<JsonNode> statements = workflow.statements(workflow.id("AWS::IAM::Role", "WorkflowRole"));
        assertThat(statements.stream().map(WorkflowRoleTest::inWords).toList())
                .containsExactlyInAnyOrder(
                        "dynamodb:ConditionCheckItem,DeleteItem,GetItem,PutItem,UpdateItem on table"
                                + " if dynamodb:LeadingKeys [\"MODEL#*\",\"EXECUTION#*\"]",
                        "dynamodb:Query on table/index/byEntity",
                        "ecs:RunTask on task-definition/modelservingtestworkflowPipelineTask8A3EEF57:* if ecs:cluster cluster",
                        "ecs:DescribeTasks,StopTask on task/cluster/* if ecs:cluster cluster",
                        "iam:PassRole on PipelineRole, PipelineTaskExecutionRole"
                                + " if iam:PassedToService \"ecs-tasks.amazonaws.com\"",
                        "events:DescribeRule,PutRule,PutTargets on rule/StepFunctionsGetEventsForECSTaskRule",
                        "states:DescribeExecution on execution:model-serving-test-workflow:*",
                        "logs:CreateLogDelivery,DeleteLogDelivery,DescribeLogGroups,DescribeResourcePolicies,"
                                + "GetLogDelivery,ListLogDeliveries,PutResourcePolicy,UpdateLogDelivery,"
                                + "xray:GetSamplingRules,GetSamplingTargets,PutTelemetryRecords,PutTraceSegments on *");
    }

    /** Actions by service, the end of each ARN, the condition. */
    private static String inWords(JsonNode statement) {
        String service = "";
        StringBuilder words = new StringBuilder();
        for (String action : new TreeSet<>(texts(statement.path("Action")))) {
            String[] parts = action.split(":", 2);
            words.append(words.isEmpty() ? "" : ",").append(parts[0].equals(service) ? parts[1] : action);
            service = parts[0];
        }
        words.append(" on ").append(resource(statement.path("Resource")));
        statement
                .path("Condition")
                .forEach(test -> test.properties()
                        .forEach(condition -> words.append(" if ")
                                .append(condition.getKey())
                                .append(' ')
                                .append(resource(condition.getValue()))));
        return words.toString();
    }

    private static String resource(JsonNode resource) {
        if (resource.isArray() && resource.path(0).isObject()) {
            return String.join(
                    ", ", resource.valueStream().map(WorkflowRoleTest::resource).toList());
        }
        return resource.toString()
                .replaceAll("\\{\"Fn::ImportValue\":\"[^\"]*Table[^\"]*\"}", "table")
                .replaceAll("\\{\"Fn::ImportValue\":\"[^\"]*Cluster[^\"]*\"}", "cluster")
                .replaceAll("\\{\"Fn::GetAtt\":\\[\"(\\w+?)[0-9A-F]{8}\",\"Arn\"]}", "$1")
                .replaceAll("\\{\"Fn::Join\":\\[\"\",\\[(.*)]]}", "$1")
                .replaceAll("\"arn:aws:[a-z]+:eu-west-1:\",\\{\"Ref\":\"AWS::AccountId\"},\":([^\"]*)\"", "$1")
                .replaceAll("^\"\\*\"$", "*")
                .replaceAll(",?\"(/[^\"]*)\"", "$1")
                .replace("task/,cluster", "task/cluster");
    }

    private static Set<String> prefixed(String prefix, String names) {
        Set<String> prefixed = new TreeSet<>();
        for (String name : names.split(",", -1)) {
            prefixed.add(prefix + name);
        }
        return prefixed;
    }

    private static JsonNode task(String resource, String arguments) {
        ObjectNode task =
                StackTemplate.JSON.createObjectNode().put("Type", "Task").put("Resource", resource);
        task.set("Arguments", json(arguments));
        return task;
    }

    private static ObjectNode standard() {
        return (ObjectNode) json(Templates.of()
                .workflow()
                .only("AWS::StepFunctions::StateMachine")
                .path("DefinitionString")
                .textValue()
                .replace("'", "\\u0027"));
    }

    /** Of the role of a definition with these states, but for what it always has. */
    private static Set<String> actions(Map<String, JsonNode> states) {
        ObjectNode definition = StackTemplate.JSON.createObjectNode();
        definition.put(
                "Comment",
                "${Partition}${ClusterArn}${TaskDefinitionArn}${ContainerName}${SubnetIds}${SecurityGroupId}"
                        + "${RegistryTable}${VerifyWithinSeconds}${ServeWithinSeconds}${RetryDelaySeconds}${PollSeconds}");
        definition.putObject("States").setAll(states);
        return actions(definition.toString());
    }

    /** Of the role of a definition, but for what it always has. */
    static Set<String> actions(String definition) {
        StackTemplate template = WorkflowConstructsTest.theirs(WorkflowDefinition.parse("test", definition));
        Set<String> actions = new TreeSet<>();
        template.statements(template.id("AWS::IAM::Role", "WorkflowRole"))
                .forEach(statement -> actions.addAll(texts(statement.path("Action"))));
        actions.removeIf(action -> ALWAYS.contains(action.split(":", 2)[0]));
        return actions;
    }
}
