package dev.modelserving.infra.observability;

import dev.modelserving.infra.acknowledgement.Findings;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;
import software.constructs.Construct;

/** Where a stage's alarms go, and from there to people. A new topic takes messages over TLS only. */
public final class AlarmTopic extends Construct {
    private final ITopic topic;

    public AlarmTopic(Construct scope, String id, AlarmTopicProps props) {
        super(scope, id);
        this.topic = props.topic() == null ? newTopic(props) : props.topic();
    }

    public ITopic topic() {
        return topic;
    }

    /** Has an alarm told when it begins to ring, and when it ends. */
    public void announce(Alarm alarm) {
        SnsAction tell = new SnsAction(topic);
        alarm.addAlarmAction(tell);
        alarm.addOkAction(tell);
    }

    private Topic newTopic(AlarmTopicProps props) {
        Topic made = Topic.Builder.create(this, "Topic")
                .displayName(props.displayName())
                .masterKey(props.key())
                .enforceSsl(true)
                .build();
        if (props.key() == null) {
            Findings.acknowledge(
                    made,
                    "This stage chose keys of AWS's own for all that it keeps; messages name alarms and their thresholds,"
                            + " never what was asked or predicted.",
                    "NIST.800.53.R5-SNSEncryptedKMS",
                    "CKV_AWS_26");
        }
        // A topic with a policy of its own has lost the one by which everything in the account may publish.
        made.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("AlarmsOfThisAccount")
                .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
                .actions(List.of("sns:Publish"))
                .resources(List.of(made.getTopicArn()))
                .conditions(Map.of(
                        "StringEquals",
                        Map.of("aws:SourceAccount", Stack.of(this).getAccount())))
                .build());
        props.emails().forEach(email -> made.addSubscription(new EmailSubscription(email)));
        return made;
    }
}
