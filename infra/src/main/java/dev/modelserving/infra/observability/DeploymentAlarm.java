package dev.modelserving.infra.observability;

import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.constructs.Construct;

/**
 * Predictions fail by the service's own fault. Tells people at any time, and during a deployment has ECS bring the tasks
 * of the one before back.
 *
 * <p>Its metrics come from the log, not from the service, so it can be made before the service, which knows it by
 * {@linkplain #names name} only: let the service depend on it, and it is there at the first deployment.
 */
public final class DeploymentAlarm extends Construct {
    private final Alarm alarm;

    public DeploymentAlarm(Construct scope, String id, DeploymentAlarmProps props) {
        super(scope, id);
        this.alarm = Alarm.Builder.create(this, "Failing")
                .alarmName(name(props.namePrefix()))
                .alarmDescription(
                        ("%s %% of predictions or more failed (status 5xx) in 5 minutes, and at least %d of them."
                                        + " A deployment under way is rolled back by this.\n"
                                        + "First: recent errors at the end of the dashboard. If a deployment or a"
                                        + " promotion came just before, bring the one before back; if one model fails,"
                                        + " move its champion alias; 503 and 504 beside high CPU: add tasks.")
                                .formatted(number(props.failedPercent()), props.leastFailed()))
                .metric(props.metrics().metricFailedPercent(props.leastFailed(), Duration.minutes(5)))
                .threshold(props.failedPercent())
                .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
                // One long period, so that a deployment is watched for no longer than it takes to know.
                .evaluationPeriods(1)
                // No lines at all: nobody was answered wrongly. That no task runs is another alarm's.
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
        props.topic().announce(alarm);
    }

    /** What the service has to be told, before there is an alarm: names are literal, so that nothing goes in circles. */
    public static List<String> names(String namePrefix) {
        return List.of(name(namePrefix));
    }

    public Alarm alarm() {
        return alarm;
    }

    private static String name(String prefix) {
        return prefix + "-failing";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
