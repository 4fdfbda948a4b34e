package dev.modelserving.infra.workflow;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.kms.IKey;

/** The key of a state machine, as those need it who start its executions and read how they ended. */
final class WorkflowKey {
    private WorkflowKey() {}

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
