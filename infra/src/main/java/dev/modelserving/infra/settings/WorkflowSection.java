package dev.modelserving.infra.settings;

import dev.modelserving.infra.settings.StageSettings.Service;
import dev.modelserving.infra.settings.StageSettings.Workflow;
import java.time.Duration;

/** Reads {@code workflow}. */
final class WorkflowSection {
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    /** An execution may verify four times, and ends after twelve hours. */
    private static final Duration LONGEST_VERIFICATION = Duration.ofHours(2);

    private WorkflowSection() {}

    /** @param service whose size and storage verifications have too, unless they are given their own */
    static Workflow read(Fields fields, Service service) {
        Workflow workflow = new Workflow(
                fields.flag("enabled", true),
                fields.flag("onManifest", true),
                ServiceSection.size(fields, service.size()),
                fields.integer("ephemeralStorage", 21, 200, service.ephemeralStorage()),
                fields.duration("verifyWithin", A_MINUTE, LONGEST_VERIFICATION, Duration.ofMinutes(30)),
                fields.duration("serveWithin", Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMinutes(5)),
                fields.duration("retryDelay", Duration.ZERO, Duration.ofMinutes(10), Duration.ofSeconds(15)));
        fields.nothingElse();
        return workflow;
    }
}
