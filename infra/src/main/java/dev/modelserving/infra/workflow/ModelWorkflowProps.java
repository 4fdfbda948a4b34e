package dev.modelserving.infra.workflow;

import dev.modelserving.infra.registry.ModelRegistryTable;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * What a {@link ModelWorkflow} is made of.
 *
 * @param name of the state machine; different for each stage in an account and region
 * @param definition of {@code statemachine/ml-workflow.asl.json}
 * @param task that verifies
 * @param registry which models there are
 * @param verifyWithin after which a verification is stopped
 * @param serveWithin in which all replicas have to serve what was promoted, unless the input says otherwise
 * @param retryDelay the pause before a verification that could not be made is tried again; doubles each time
 * @param pollInterval the pause between looks at the replicas
 * @param key that encrypts the definition, what executions hold, and the log; null: keys of AWS's own
 * @param logRetention how long lines of the log are kept
 * @param logRemovalPolicy of the log when it leaves the stack
 */
@RecordBuilder
public record ModelWorkflowProps(
        String name,
        WorkflowDefinition definition,
        PipelineTask task,
        ModelRegistryTable registry,
        @RecordBuilder.Initializer("DEFAULT_VERIFY_WITHIN") Duration verifyWithin,
        @RecordBuilder.Initializer("DEFAULT_SERVE_WITHIN") Duration serveWithin,
        @RecordBuilder.Initializer("DEFAULT_RETRY_DELAY") Duration retryDelay,
        @RecordBuilder.Initializer("DEFAULT_POLL_INTERVAL") Duration pollInterval,
        @Nullable IKey key,
        @RecordBuilder.Initializer("DEFAULT_LOG_RETENTION") RetentionDays logRetention,

        @RecordBuilder.Initializer("DEFAULT_LOG_REMOVAL_POLICY")
        RemovalPolicy logRemovalPolicy) {
    public static final Duration DEFAULT_VERIFY_WITHIN = Duration.minutes(30);
    public static final Duration DEFAULT_SERVE_WITHIN = Duration.minutes(5);
    public static final Duration DEFAULT_RETRY_DELAY = Duration.seconds(15);
    public static final Duration DEFAULT_POLL_INTERVAL = Duration.seconds(5);
    public static final RetentionDays DEFAULT_LOG_RETENTION = PipelineTaskProps.DEFAULT_LOG_RETENTION;
    public static final RemovalPolicy DEFAULT_LOG_REMOVAL_POLICY = PipelineTaskProps.DEFAULT_LOG_REMOVAL_POLICY;

    public static ModelWorkflowPropsBuilder builder() {
        return ModelWorkflowPropsBuilder.builder();
    }
}
