package dev.modelserving.infra.workflow;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Arn;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;
import software.amazon.awscdk.services.stepfunctions.StateMachine;

/**
 * A key of the account's own for a state machine: for its definition, for what executions hold, and for its log on the
 * way to CloudWatch.
 *
 * @see <a href="https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html">AWS Step Functions developer
 *     guide, Data at rest encryption</a>
 */
final class WorkflowKey {
    private static final int DATA_KEY_SECONDS = 300;

    private WorkflowKey() {}

    /** CDK's own lets log deliveries of every account use the key. */
    static void encrypt(StateMachine machine, Role role, String machineArn, IKey key) {
        ((CfnStateMachine) machine.getNode().getDefaultChild())
                .setEncryptionConfiguration(CfnStateMachine.EncryptionConfigurationProperty.builder()
                        .type("CUSTOMER_MANAGED_KMS_KEY")
                        .kmsKeyId(key.getKeyArn())
                        .kmsDataKeyReusePeriodSeconds(DATA_KEY_SECONDS)
                        .build());
        grant(key, machineArn, role);
        Map<String, Object> logsOfThisAccount = Map.of(
                "StringEquals",
                Map.of(
                        "kms:EncryptionContext:SourceArn",
                        Arn.format(
                                ArnComponents.builder()
                                        .service("logs")
                                        .resource("*")
                                        .arnFormat(ArnFormat.NO_RESOURCE_NAME)
                                        .build(),
                                Stack.of(machine))));
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("kms:GenerateDataKey"))
                .resources(List.of(key.getKeyArn()))
                .conditions(logsOfThisAccount)
                .build());
        key.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("LogDeliveriesOfThisAccount")
                .principals(List.of(new ServicePrincipal("delivery.logs.amazonaws.com")))
                .actions(List.of("kms:Decrypt*"))
                .resources(List.of("*"))
                .conditions(logsOfThisAccount)
                .build());
    }

    /** To use the key through Step Functions and for this state machine only; the key's policy lets IAM decide. */
    static Grant grant(IKey key, String machineArn, IGrantable grantee) {
        return Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                .grantee(grantee)
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey"))
                .resourceArns(List.of(key.getKeyArn()))
                .conditions(
                        Map.of("StringEquals", Map.of("kms:EncryptionContext:aws:states:stateMachineArn", machineArn)))
                .build());
    }
}
