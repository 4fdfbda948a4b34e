package dev.modelserving.infra.settings;

import dev.modelserving.infra.settings.StageSettings.Observability;
import java.time.Duration;
import java.util.regex.Pattern;
import software.amazon.awscdk.services.logs.RetentionDays;

/** Reads {@code observability}. */
final class ObservabilitySection {
    private static final Pattern TOPIC_ARN = Pattern.compile("arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    private ObservabilitySection() {}

    static Observability read(Fields fields, Place place) {
        Observability observability = new Observability(
                fields.text("alarmTopicArn", TOPIC_ARN, "the ARN of an SNS topic"),
                fields.texts("alarmEmails", EMAIL, "an e-mail address"),
                fields.choice("logRetention", RetentionDays.class, RetentionDays.ONE_MONTH),
                fields.duration("latencyP99", Duration.ofSeconds(1), Duration.ofSeconds(90), Duration.ofSeconds(2)));
        place.expect(fields, "alarmTopicArn", observability.alarmTopicArn());
        if (observability.alarmTopicArn() != null
                && !observability.alarmEmails().isEmpty()) {
            fields.fault("alarmEmails", observability.alarmEmails(), "none beside alarmTopicArn");
        }
        fields.nothingElse();
        return observability;
    }
}
