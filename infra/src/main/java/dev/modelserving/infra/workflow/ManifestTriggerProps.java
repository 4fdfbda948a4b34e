package dev.modelserving.infra.workflow;

import dev.modelserving.infra.lake.DataLake;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.kms.IKey;

/**
 * What a {@link ManifestTrigger} is made of.
 *
 * @param lake where manifests arrive; its artifacts bucket sends events to EventBridge
 * @param workflow that is started
 * @param key that encrypts what could not be started; null: a key of SQS's own
 */
@RecordBuilder
public record ManifestTriggerProps(
        DataLake lake, ModelWorkflow workflow, @Nullable IKey key) {
    public static ManifestTriggerPropsBuilder builder() {
        return ManifestTriggerPropsBuilder.builder();
    }
}
