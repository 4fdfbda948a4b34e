package dev.modelserving.infra.observability;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.sns.ITopic;

/**
 * What an {@link AlarmTopic} is made of.
 *
 * @param topic a topic that is there, whose policy (and key's policy) lets CloudWatch alarms and EventBridge publish;
 *     null: a new one
 * @param displayName the sender's name in e-mails of a new topic
 * @param emails who is told by a new topic; each address has to confirm once
 * @param key that encrypts what a new topic holds, and lets CloudWatch alarms and EventBridge use it; null: none
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record AlarmTopicProps(
        @Nullable ITopic topic,
        @RecordBuilder.Initializer("DEFAULT_DISPLAY_NAME") String displayName,
        List<String> emails,
        @Nullable IKey key) {
    public static final String DEFAULT_DISPLAY_NAME = "Model serving";

    public static AlarmTopicPropsBuilder builder() {
        return AlarmTopicPropsBuilder.builder();
    }
}
