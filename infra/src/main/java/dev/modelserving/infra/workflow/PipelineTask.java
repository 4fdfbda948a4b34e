package dev.modelserving.infra.workflow;

import dev.modelserving.infra.service.ServiceTask;
import dev.modelserving.infra.service.ServiceTaskProps;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.ec2.Connections;
import software.amazon.awscdk.services.ec2.IConnectable;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.ecs.ICluster;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.IPrincipal;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.constructs.Construct;

/**
 * The service's image in step-functions mode: a task that verifies one version, writes its verdict and ends. It is one
 * container alone, because {@code ecs:runTask.sync} waits for all of a task's, and takes no calls.
 */
public final class PipelineTask extends Construct implements IConnectable, IGrantable {
    /** After SIGTERM it has nothing to finish: what it wrote is whole, and what it did not write is not there. */
    private static final Duration STOP_TIMEOUT = Duration.seconds(30);

    private final PipelineTaskProps props;
    private final ServiceTask task;
    private final FargateTaskDefinition definition;

    public PipelineTask(Construct scope, String id, PipelineTaskProps props) {
        super(scope, id);
        this.props = props;
        Map<String, String> environment = new TreeMap<>(props.environment());
        environment.put("EXECUTION_MODE", "step-functions");
        this.task = new ServiceTask(
                this,
                ServiceTaskProps.builder()
                        .name("the verification of models")
                        .network(props.network())
                        .lake(props.lake())
                        .registry(props.registry())
                        .image(props.image())
                        .architecture(props.architecture())
                        .size(props.size())
                        .ephemeralStorage(props.ephemeralStorage())
                        .stopTimeout(STOP_TIMEOUT)
                        .environment(environment)
                        .logRetention(props.logRetention())
                        .logKey(props.logKey())
                        .logRemovalPolicy(props.logRemovalPolicy())
                        .build());
        props.registry().grantVerify(task.role());
        this.definition = task.define(container -> {});
    }

    public ICluster cluster() {
        return props.cluster();
    }

    /** The subnets that it runs in. */
    public List<String> subnetIds() {
        return props.network().vpc().selectSubnets(props.network().subnets()).getSubnetIds();
    }

    public FargateTaskDefinition definition() {
        return definition;
    }

    /** The name of its one container. */
    public String containerName() {
        return ServiceTask.CONTAINER;
    }

    public ISecurityGroup securityGroup() {
        return task.securityGroup();
    }

    /** What its container may do. */
    public IRole role() {
        return task.role();
    }

    /** The lines of all verifications, as JSON. */
    public ILogGroup logGroup() {
        return task.logGroup();
    }

    @Override
    public Connections getConnections() {
        return task.securityGroup().getConnections();
    }

    @Override
    public IPrincipal getGrantPrincipal() {
        return task.role();
    }
}
