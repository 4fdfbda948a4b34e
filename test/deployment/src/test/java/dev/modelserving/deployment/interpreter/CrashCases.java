package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** Candidates that take the process with them: nobody but the workflow can write the verdict. */
final class CrashCases {
    private static final String CRASH = "CRASHED: the runtime crashed with exit code 139 while it verified the version";

    private CrashCases() {}

    static List<WorkflowCase> all() {
        return crashes().toList();
    }

    private static Stream<WorkflowCase> crashes() {
        return Stream.of(
                crash("aVersionThatCrashesTheRuntimeIsRejected")
                        .call("RejectCrashedVersion", Answer.done())
                        .nothingToRestore()
                        .asks("RejectCrashedVersion", "/TransactItems/0/Update/Key/sk/S", "VERSION#0000000002")
                        .asks(
                                "RejectCrashedVersion",
                                "/TransactItems/0/Update/ConditionExpression",
                                "#status IN (:registered, :rejected)")
                        .asks(
                                "RejectCrashedVersion",
                                "/TransactItems/0/Update/ExpressionAttributeValues/:reason/S",
                                CRASH)
                        .asks("RejectCrashedVersion", "/TransactItems/1/Put/Item/pk/S", "EXECUTION#" + Answer.ITSELF)
                        .asks("RejectCrashedVersion", "/TransactItems/1/Put/Item/outcome/S", "REJECTED")
                        .asks("RejectCrashedVersion", "/TransactItems/1/Put/Item/code/S", "CRASHED")
                        .asks("RejectCrashedVersion", "/TransactItems/2/Put/Item/reason/S", CRASH)
                        .fails("RuntimeCrashed", CRASH),
                VerificationCases.attempt("anAbortOfTheRuntimeIsACrash", Answer.exited(134))
                        .call("ReadVerdict", Answer.noItem())
                        .call("RejectCrashedVersion", Answer.done())
                        .nothingToRestore()
                        .fails("RuntimeCrashed", CRASH.replace("139", "134")),
                crash("aCrashDoesNotRejectAVersionThatWasVerifiedBefore")
                        .call("RejectCrashedVersion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .nothingToRestore()
                        .fails("RuntimeCrashed", CRASH + "; it was verified or archived before, so its status stays"),
                crash("rejectsACrashedVersionAgainAfterAConflict")
                        .call("RejectCrashedVersion", Answer.cancelled("TransactionConflict", "None", "None"))
                        .call("RejectCrashedVersion", Answer.done())
                        .nothingToRestore()
                        .fails("RuntimeCrashed", CRASH),
                crash("doesNotRejectForEverAgainstConflicts")
                        .calls(21, "RejectCrashedVersion", Answer.cancelled("TransactionConflict", "None", "None"))
                        .nothingToRestore()
                        .and(run -> assertThat(run.error()).isEqualTo("RuntimeCrashed"))
                        .and(run -> assertThat(run.cause())
                                .startsWith(CRASH + "; its status could not be written: Transaction cancelled")));
    }

    private static WorkflowCase crash(String name) {
        return VerificationCases.attempt(name, Answer.exited(139)).call("ReadVerdict", Answer.noItem());
    }
}
