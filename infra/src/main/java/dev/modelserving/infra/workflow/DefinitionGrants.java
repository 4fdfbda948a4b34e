package dev.modelserving.infra.workflow;

import dev.modelserving.infra.acknowledgement.Findings;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.workflow.WorkflowDefinition.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awscdk.Arn;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.constructs.IConstruct;

/**
 * Lets the role of a state machine call what its definition calls, and nothing else: each state's {@code Resource} is
 * translated into the actions that IAM asks for. A resource that is not known here is refused, so that a new kind of call
 * comes with the thought about what it needs.
 *
 * @see <a href="https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html">AWS Step Functions developer
 *     guide, Run Amazon ECS or Fargate tasks, IAM policies</a>
 */
final class DefinitionGrants {
    private static final String TRANSACT = "aws-sdk:dynamodb:transactWriteItems";
    private static final String QUERY = "aws-sdk:dynamodb:query";
    private static final String RUN_TASK = "ecs:runTask.sync";
    private static final String DESCRIBE_EXECUTION = "aws-sdk:sfn:describeExecution";

    /** Calls that IAM asks one action for, on an item. */
    private static final Map<String, String> ITEM_CALLS = new TreeMap<>(Map.of(
            "aws-sdk:dynamodb:getItem", "dynamodb:GetItem",
            "aws-sdk:dynamodb:putItem", "dynamodb:PutItem",
            "aws-sdk:dynamodb:updateItem", "dynamodb:UpdateItem",
            "aws-sdk:dynamodb:deleteItem", "dynamodb:DeleteItem"));

    private static final Pattern INTEGRATION = Pattern.compile("arn:\\$\\{Partition}:states:::(.+)");

    /** What Step Functions learns the end of a task by. */
    private static final String RULE_OF_STEP_FUNCTIONS = "StepFunctionsGetEventsForECSTaskRule";

    private final WorkflowDefinition definition;
    private final String machineName;
    private final PipelineTask task;
    private final ModelRegistryTable registry;
    private final Role role;
    private final Stack stack;
    private final Set<String> itemActions = new TreeSet<>();
    private final Set<String> others = new TreeSet<>();
    private boolean tagsTasks;

    DefinitionGrants(
            WorkflowDefinition definition,
            String machineName,
            PipelineTask task,
            ModelRegistryTable registry,
            Role role) {
        this.definition = definition;
        this.machineName = machineName;
        this.task = task;
        this.registry = registry;
        this.role = role;
        this.stack = Stack.of(role);
    }

    /**
     * Grants all of it.
     *
     * @throws DefinitionException if a state calls what is not known here
     */
    void grant() {
        definition.states().stream().filter(State::isTask).forEach(this::read);
        if (!itemActions.isEmpty()) {
            registry.grantOrchestrate(role, itemActions);
        }
        if (others.contains(QUERY)) {
            registry.grantPoll(role);
        }
        if (others.contains(RUN_TASK)) {
            grantRunTask();
        }
        if (others.contains(DESCRIBE_EXECUTION)) {
            allow(List.of("states:DescribeExecution"), executions());
        }
    }

    /** To be called when the role has all that it gets. */
    void acknowledge() {
        IConstruct grants = Findings.acknowledgeGrants(role);
        Findings.acknowledge(
                grants,
                "Log deliveries and traces are the account's and know no resource: so the Step Functions developer guide"
                        + " says for whoever logs to CloudWatch and traces with X-Ray.",
                Findings.ANY_RESOURCE);
        if (others.contains(RUN_TASK)) {
            Findings.acknowledge(
                    grants,
                    "Every deployment makes a new revision of the one task definition, and executions that began before go"
                            + " on with the old one.",
                    Findings.resources(grants, revisions()));
            Findings.acknowledge(
                    grants,
                    "The task is named by ECS when it is started; it is limited to tasks of the one cluster, and nothing"
                            + " but the one task definition can be started.",
                    Findings.resources(grants, tasks()));
        }
        if (others.contains(DESCRIBE_EXECUTION)) {
            Findings.acknowledge(
                    grants,
                    "An execution asks whether another one of this same state machine is still running; executions are"
                            + " named when they are started.",
                    Findings.resources(grants, executions()));
        }
    }

    private void read(State state) {
        Matcher matcher = INTEGRATION.matcher(state.resource());
        String call = matcher.matches() ? matcher.group(1) : "";
        if (ITEM_CALLS.containsKey(call)) {
            itemActions.add(ITEM_CALLS.get(call));
        } else if (call.equals(TRANSACT)) {
            itemActions.addAll(TransactedOperations.in(state, definition));
        } else if (call.equals(QUERY)) {
            expectIndex(state);
            others.add(call);
        } else if (call.equals(RUN_TASK)) {
            tagsTasks |= state.hasArgument("Tags") || state.hasArgument("PropagateTags");
            others.add(call);
        } else if (call.equals(DESCRIBE_EXECUTION)) {
            others.add(call);
        } else {
            throw state.fault("Resource " + state.resource(), "arn:${Partition}:states::: and " + known());
        }
    }

    private static String known() {
        List<String> known = new ArrayList<>(ITEM_CALLS.keySet());
        known.addAll(List.of(QUERY, TRANSACT, DESCRIBE_EXECUTION));
        return String.join(", ", known) + " or " + RUN_TASK;
    }

    private static void expectIndex(State state) {
        String index = state.argument("IndexName").orElse("");
        if (!index.equals(ModelRegistryTable.BY_ENTITY)) {
            throw state.fault("IndexName '" + index + "'", ModelRegistryTable.BY_ENTITY + ", in plain words");
        }
    }

    private void grantRunTask() {
        Map<String, Object> inTheCluster =
                Map.of("ArnEquals", Map.of("ecs:cluster", task.cluster().getClusterArn()));
        role.addToPolicy(statement(List.of("ecs:RunTask"), revisions())
                .conditions(inTheCluster)
                .build());
        role.addToPolicy(statement(List.of("ecs:StopTask", "ecs:DescribeTasks"), tasks())
                .conditions(inTheCluster)
                .build());
        if (tagsTasks) {
            role.addToPolicy(statement(List.of("ecs:TagResource"), tasks())
                    .conditions(Map.of("StringEquals", Map.of("ecs:CreateAction", "RunTask")))
                    .build());
        }
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("iam:PassRole"))
                .resources(List.of(
                        task.role().getRoleArn(),
                        task.definition().obtainExecutionRole().getRoleArn()))
                .conditions(Map.of("StringEquals", Map.of("iam:PassedToService", "ecs-tasks.amazonaws.com")))
                .build());
        allow(
                List.of("events:PutTargets", "events:PutRule", "events:DescribeRule"),
                arn("events", "rule", RULE_OF_STEP_FUNCTIONS, ArnFormat.SLASH_RESOURCE_NAME));
    }

    private void allow(List<String> actions, String resource) {
        role.addToPolicy(statement(actions, resource).build());
    }

    private static PolicyStatement.Builder statement(List<String> actions, String resource) {
        return PolicyStatement.Builder.create().actions(actions).resources(List.of(resource));
    }

    private String revisions() {
        return arn("ecs", "task-definition", task.definition().getFamily() + ":*", ArnFormat.SLASH_RESOURCE_NAME);
    }

    private String tasks() {
        return arn("ecs", "task", task.cluster().getClusterName() + "/*", ArnFormat.SLASH_RESOURCE_NAME);
    }

    private String executions() {
        return arn("states", "execution", machineName + ":*", ArnFormat.COLON_RESOURCE_NAME);
    }

    private String arn(String service, String resource, String name, ArnFormat format) {
        return Arn.format(
                ArnComponents.builder()
                        .service(service)
                        .resource(resource)
                        .resourceName(name)
                        .arnFormat(format)
                        .build(),
                stack);
    }
}
