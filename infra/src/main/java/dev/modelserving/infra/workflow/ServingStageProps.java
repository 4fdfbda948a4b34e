package dev.modelserving.infra.workflow;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.stepfunctions.IChainable;
import software.amazon.awscdk.services.stepfunctions.IStateMachine;

/**
 * What a {@link ServingStage} is made of.
 *
 * @param workflow the state machine of a stage: {@code StateMachine.fromStateMachineArn} with the output StateMachineArn,
 *     or {@link ModelWorkflow#machine}
 * @param key that encrypts it, in a stage with a key; null: none
 * @param action release, verify, promote or rollback
 * @param modelId a JSONata expression, or an id
 * @param version a JSONata expression, or a number as text; not with rollback
 * @param requireReplicas whether a promotion fails that no replica serves
 * @param timeout after which the stage is stopped, in the middle of whatever it does: longer than it takes itself, which is
 *     four times verifyWithin and what replicas take
 * @param field of the data in which what came of it is written, and the error
 * @param onError what follows each of the stage's errors, by its name; any other error fails the workflow around it
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record ServingStageProps(
        IStateMachine workflow,
        @Nullable IKey key,
        @RecordBuilder.Initializer("DEFAULT_ACTION") String action,
        @RecordBuilder.Initializer("DEFAULT_MODEL_ID") String modelId,
        @RecordBuilder.Initializer("DEFAULT_VERSION") String version,

        @RecordBuilder.Initializer("DEFAULT_REQUIRE_REPLICAS")
        boolean requireReplicas,

        @RecordBuilder.Initializer("DEFAULT_TIMEOUT") Duration timeout,
        @RecordBuilder.Initializer("DEFAULT_FIELD") String field,
        Map<String, IChainable> onError) {
    public static final String DEFAULT_ACTION = "release";
    public static final String DEFAULT_MODEL_ID = "{% $states.input.modelId %}";
    public static final String DEFAULT_VERSION = "{% $states.input.version %}";
    public static final boolean DEFAULT_REQUIRE_REPLICAS = true;
    public static final Duration DEFAULT_TIMEOUT = Duration.hours(13);
    public static final String DEFAULT_FIELD = "serving";

    public static ServingStagePropsBuilder builder() {
        return ServingStagePropsBuilder.builder();
    }
}
