package dev.modelserving.infra.workflow;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.Stats;
import software.amazon.awscdk.services.events.EventField;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Match;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleTargetInput;
import software.amazon.awscdk.services.events.targets.SfnStateMachine;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.sqs.IQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/**
 * Starts the workflow when a manifest arrives, which is written last. What could not be started within a day is kept in a
 * queue for two weeks.
 */
public final class ManifestTrigger extends Construct {
    private final Queue notStarted;

    public ManifestTrigger(Construct scope, String id, ManifestTriggerProps props) {
        super(scope, id);
        ServicePrincipal events = new ServicePrincipal("events.amazonaws.com");
        this.notStarted = queue(props.key());
        if (props.key() != null) {
            // EventBridge does not state an account when it uses a key for a queue.
            props.key().grant(events, "kms:Decrypt", "kms:GenerateDataKey*");
        }
        Role role = Role.Builder.create(this, "Role")
                .assumedBy(events)
                .description("Starts the workflow of model serving")
                .build();
        props.workflow().grantStart(role);
        Rule.Builder.create(this, "ManifestArrived")
                .description("Starts the workflow of model serving for a version whose manifest has arrived")
                .eventPattern(EventPattern.builder()
                        .source(List.of("aws.s3"))
                        .detailType(List.of("Object Created"))
                        .detail(new TreeMap<>(Map.of(
                                "bucket",
                                Map.of("name", List.of(props.lake().artifacts().getBucketName())),
                                "object",
                                Map.of("key", Match.wildcard("models/*/*/manifest.json")))))
                        .build())
                .targets(List.of(SfnStateMachine.Builder.create(props.workflow().machine())
                        .role(role)
                        .input(RuleTargetInput.fromObject(new TreeMap<>(Map.of(
                                "manifestKey", EventField.fromPath("$.detail.object.key"),
                                "manifestVersionId", EventField.fromPath("$.detail.object.version-id")))))
                        .deadLetterQueue(notStarted)
                        .maxEventAge(Duration.days(1))
                        .retryAttempts(185)
                        .build()))
                .build();
        Findings.acknowledgeGrants(role);
    }

    /** Events of manifests for which no execution could be started. */
    public IQueue notStarted() {
        return notStarted;
    }

    /** Manifests that wait there. */
    public Metric metricNotStarted() {
        return notStarted.metricApproximateNumberOfMessagesVisible(MetricOptions.builder()
                .statistic(Stats.MAXIMUM)
                .period(Duration.minutes(1))
                .build());
    }

    private Queue queue(@Nullable IKey key) {
        Queue made = Queue.Builder.create(this, "NotStarted")
                .encryption(key == null ? QueueEncryption.SQS_MANAGED : QueueEncryption.KMS)
                .encryptionMasterKey(key)
                .enforceSsl(true)
                .retentionPeriod(Duration.days(14))
                .build();
        Findings.acknowledge(
                made,
                "This is the queue for what failed; from here messages go to a person, and to no further queue.",
                "AwsSolutions-SQS3");
        if (key == null) {
            Findings.acknowledge(
                    made,
                    "SQS encrypts the queue with keys of its own, as this stage chose for all that it keeps; messages name"
                            + " manifests of models and nothing that is in them.",
                    "CKV_AWS_27");
        }
        return made;
    }
}
