package dev.modelserving.infra.workflow;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Arn;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;
import software.amazon.awscdk.services.stepfunctions.DefinitionBody;
import software.amazon.awscdk.services.stepfunctions.LogLevel;
import software.amazon.awscdk.services.stepfunctions.LogOptions;
import software.amazon.awscdk.services.stepfunctions.StateMachine;
import software.amazon.awscdk.services.stepfunctions.StateMachineType;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * The state machine that verifies a version of a model, makes it champion, waits until it is served, and puts the one
 * before back if it is not. What its role may do is computed from its definition.
 */
public final class ModelWorkflow extends Construct {
    private final ModelWorkflowProps props;
    private final LogGroup logGroup;
    private final StateMachine machine;

    public ModelWorkflow(Construct scope, String id, ModelWorkflowProps props) {
        super(scope, id);
        this.props = props;
        Map<String, String> values = values();
        props.definition().expectPlaceholders(values.keySet());
        this.logGroup = LogGroup.Builder.create(this, "Log")
                // Under this prefix CloudWatch Logs needs no statement for each group in the account's only policy for
                // deliveries, which is limited in size.
                .logGroupName("/aws/vendedlogs/states/" + props.name())
                .retention(props.logRetention())
                .encryptionKey(props.key())
                .removalPolicy(props.logRemovalPolicy())
                .build();
        Findings.acknowledgeKey(logGroup, props.key());
        Role role = Role.Builder.create(this, "Role")
                .assumedBy(states())
                .description("What the workflow of model serving may do")
                .build();
        DefinitionGrants grants =
                new DefinitionGrants(props.definition(), props.name(), props.task(), props.registry(), role);
        grants.grant();
        this.machine = StateMachine.Builder.create(this, "Machine")
                .stateMachineName(props.name())
                .stateMachineType(StateMachineType.STANDARD)
                .definitionBody(DefinitionBody.fromString(props.definition().text()))
                .definitionSubstitutions(values)
                .role(role)
                .logs(LogOptions.builder()
                        .destination(logGroup)
                        .level(LogLevel.ALL)
                        // The way of an execution; what it held is in its history, for those who may read that.
                        .includeExecutionData(false)
                        .build())
                .tracingEnabled(true)
                .build();
        if (props.key() != null) {
            WorkflowKey.encrypt(machine, role, machineArn(), props.key());
        }
        grants.acknowledge();
        // CDK's own names the role too, which is there anyway.
        IConstruct policy = role.getNode().findChild("DefaultPolicy").getNode().getDefaultChild();
        ((CfnStateMachine) machine.getNode().getDefaultChild())
                .addOverride("DependsOn", List.of(((CfnResource) policy).getLogicalId()));
    }

    public StateMachine machine() {
        return machine;
    }

    /** Which states executions went through; without what they held. */
    public ILogGroup logGroup() {
        return logGroup;
    }

    /** After which a verification is stopped. */
    public Duration verifyWithin() {
        return props.verifyWithin();
    }

    /** In which all replicas have to serve what was promoted. */
    public Duration serveWithin() {
        return props.serveWithin();
    }

    /** To start executions; with the key, where there is one, for Step Functions uses it in the caller's name. */
    public Grant grantStart(IGrantable grantee) {
        Grant grant = machine.grantStartExecution(grantee);
        return props.key() == null ? grant : grant.combine(WorkflowKey.grant(props.key(), machineArn(), grantee));
    }

    /** Executions that were started. */
    public Metric metricStarted() {
        return machine.metricStarted();
    }

    /** Executions that ended well. */
    public Metric metricSucceeded() {
        return machine.metricSucceeded();
    }

    /** Executions that ended in a failure: a model that was rejected, or replicas that did not serve it. */
    public Metric metricFailed() {
        return machine.metricFailed();
    }

    /** Executions that took longer than the definition allows. */
    public Metric metricTimedOut() {
        return machine.metricTimedOut();
    }

    /** Executions that somebody stopped. */
    public Metric metricAborted() {
        return machine.metricAborted();
    }

    /** Starts and steps that Step Functions held up because they were too many. */
    public Metric metricThrottled() {
        return machine.metricThrottled();
    }

    /** From the start of an execution to its end, in milliseconds. */
    public Metric metricTime() {
        return machine.metricTime();
    }

    private Map<String, String> values() {
        PipelineTask task = props.task();
        return new TreeMap<>(Map.ofEntries(
                Map.entry("Partition", Aws.PARTITION),
                Map.entry("ClusterArn", task.cluster().getClusterArn()),
                Map.entry("TaskDefinitionArn", task.definition().getTaskDefinitionArn()),
                Map.entry("ContainerName", task.containerName()),
                Map.entry("SubnetIds", String.join(",", task.subnetIds())),
                Map.entry("SecurityGroupId", task.securityGroup().getSecurityGroupId()),
                Map.entry("RegistryTable", props.registry().table().getTableName()),
                Map.entry("VerifyWithinSeconds", seconds(props.verifyWithin())),
                Map.entry("ServeWithinSeconds", seconds(props.serveWithin())),
                Map.entry("RetryDelaySeconds", seconds(props.retryDelay())),
                Map.entry("PollSeconds", seconds(props.pollInterval()))));
    }

    /** Step Functions on behalf of this state machine alone, whose ARN is known before it is made. */
    private ServicePrincipal states() {
        return ServicePrincipal.Builder.create("states.amazonaws.com")
                .conditions(new TreeMap<>(Map.of(
                        "ArnEquals", Map.of("aws:SourceArn", machineArn()),
                        "StringEquals",
                                Map.of("aws:SourceAccount", Stack.of(this).getAccount()))))
                .build();
    }

    private String machineArn() {
        return Arn.format(
                ArnComponents.builder()
                        .service("states")
                        .resource("stateMachine")
                        .resourceName(props.name())
                        .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                        .build(),
                Stack.of(this));
    }

    private static String seconds(Duration duration) {
        return String.valueOf(duration.toSeconds().longValue());
    }
}
