package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** What is put back after a failure, and what is left alone. */
final class RestoringCases {
    private static final String ALIAS = "/TransactItems/0/Update";
    private static final String VALUES = ALIAS + "/ExpressionAttributeValues";
    private static final String FAILED = "1 of 2 replicas could not load version 2: no memory";
    private static final String AGAIN = "; the champion is version 1 again";

    private RestoringCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(failures(), removals(), deadlines(), owners(), conflicts())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<WorkflowCase> failures() {
        return Stream.of(
                failed("restoresAtOnceWhenAReplicaCannotLoadTheVersion")
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .asks(
                                "RestorePreviousChampion",
                                ALIAS + "/UpdateExpression",
                                "SET #version = :to, updatedBy = :who, updatedAt = :now, rev = :rev"
                                        + " REMOVE unconfirmed, previousVersion, rolledBackFrom")
                        .asks("RestorePreviousChampion", ALIAS + "/ConditionExpression", "rev = :read")
                        .asks("RestorePreviousChampion", VALUES + "/:read/N", "8")
                        .asks("RestorePreviousChampion", VALUES + "/:rev/N", "9")
                        .asks("RestorePreviousChampion", VALUES + "/:to/N", "1")
                        .asks(
                                "RestorePreviousChampion",
                                "/TransactItems/1/ConditionCheck/Key/sk/S",
                                "VERSION#0000000001")
                        .asks("RestorePreviousChampion", PromotionCases.AUDIT + "/from/N", "2")
                        .asks("RestorePreviousChampion", PromotionCases.AUDIT + "/to/N", "1")
                        .asks("RestorePreviousChampion", PromotionCases.AUDIT + "/rev/N", "9")
                        .asks("RestorePreviousChampion", PromotionCases.AUDIT + "/reason/S", "restored: ReplicaFailed")
                        .asks("RecordFailure", "/Item/what/S", "promote of version 2 failed")
                        .asks("RecordFailure", "/Item/reason/S", FAILED + AGAIN)
                        .fails("ReplicaFailed", FAILED + AGAIN),
                failed("restoresWhatWasBeforeTheVersionBeforeToo")
                        .call(
                                "ReadChampionAfterFailure",
                                Answer.champion(2, 8, 3).unconfirmed(Answer.ITSELF, 3, 1))
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .asks(
                                "RestorePreviousChampion",
                                ALIAS + "/UpdateExpression",
                                "SET #version = :to, updatedBy = :who, updatedAt = :now, rev = :rev,"
                                        + " previousVersion = :previous REMOVE unconfirmed, rolledBackFrom")
                        .asks("RestorePreviousChampion", VALUES + "/:previous/N", "1")
                        .fails("ReplicaFailed", FAILED + "; the champion is version 3 again"),
                ServingCases.promoted("anOlderBuildThatSaysNothingOfItsTargetCanFailToo")
                        .call("WatchChampion", PromotionCases.moved())
                        .call(
                                "WaitUntilServed",
                                Answer.replicas(Replica.failed(2, null, "no memory"), Replica.ready(1)))
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("ReplicaFailed", FAILED + AGAIN));
    }

    private static Stream<WorkflowCase> removals() {
        Answer first = Answer.champion(2, 8).unconfirmed(Answer.ITSELF, null, null);
        return Stream.of(
                failed("removesTheChampionWhereThereWasNoneBefore")
                        .call("ReadChampionAfterFailure", first)
                        .call("RemoveChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .asks("RemoveChampion", "/TransactItems/0/Delete/Key/sk/S", "ALIAS#champion")
                        .asks("RemoveChampion", "/TransactItems/0/Delete/ConditionExpression", "rev = :read")
                        .asks("RemoveChampion", "/TransactItems/0/Delete/ExpressionAttributeValues/:read/N", "8")
                        .asks("RemoveChampion", "/TransactItems/1/Put/Item/from/N", "2")
                        .asks("RemoveChampion", "/TransactItems/1/Put/Item/to", "")
                        .asks("RemoveChampion", "/TransactItems/1/Put/Item/reason/S", "restored: ReplicaFailed")
                        .fails("ReplicaFailed", FAILED + "; there is no champion again, as before"),
                failed("removesAgainAfterAConflictAndWhenItWasThrottled")
                        .call("ReadChampionAfterFailure", first)
                        .call("RemoveChampion", Answer.cancelled("TransactionConflict", "None"))
                        .call("ReadChampionAfterFailure", first)
                        .call("RemoveChampion", Answer.throttled())
                        .call("RemoveChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("ReplicaFailed", FAILED + "; there is no champion again, as before"),
                failed("saysThatTheChampionCouldNotBeRemoved")
                        .call("ReadChampionAfterFailure", first)
                        .call("RemoveChampion", Answer.denied())
                        .call("RecordFailure", Answer.done())
                        .and(run -> assertThat(run.cause())
                                .startsWith(
                                        FAILED + "; the champion could not be restored: DynamoDb.DynamoDbException"))
                        .and(run -> assertThat(run.error()).isEqualTo("ReplicaFailed")));
    }

    private static WorkflowCase failed(String name) {
        return ServingCases.promoted(name)
                .call("WatchChampion", PromotionCases.moved())
                .call("WaitUntilServed", Answer.replicas(Replica.failed(1, 2, "no memory"), Replica.ready(1)));
    }

    private static Stream<WorkflowCase> deadlines() {
        return Stream.of(
                hurried("restoresWhenReplicasDoNotAnswerInTime")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.done())
                        .polls(PromotionCases.moved(), Answer.replicas(Replica.ready(2), Replica.loading(1, 2)))
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("NotServed", "1 of 2 replicas answered with version 2 within 1 s" + AGAIN),
                hurried("restoresWhenNoReplicaIsAlive")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.done())
                        .polls(
                                PromotionCases.moved(),
                                Answer.replicas(Replica.ready(2).gone()))
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("NotServed", "no replica was alive within 1 s" + AGAIN),
                hurried("doesNotGoBackFromAChampionThatWasConfirmedBefore")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .polls(Answer.champion(2, 8, 1), Answer.replicas(Replica.loading(1, 2)))
                        .call("ReadChampionAfterFailure", Answer.champion(2, 8, 1))
                        .call("RecordFailure", Answer.done())
                        .fails("NotServed", "0 of 1 replicas answered with version 2 within 1 s"));
    }

    private static WorkflowCase hurried(String name) {
        return WorkflowCase.of(name, """
                {"action": "promote", "modelId": "iris", "version": 2, "serveWithinSeconds": 1}""");
    }

    private static Stream<WorkflowCase> owners() {
        return Stream.of(
                another("restoresForAnExecutionThatWasStopped", Answer.execution("ABORTED"))
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .asks("DescribeOwner", "/ExecutionArn", PromotionCases.OTHER)
                        .asks("RestorePreviousChampion", PromotionCases.AUDIT + "/who/S", "execution " + Answer.ITSELF)
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model; the champion is version 3 again"),
                another(
                                "restoresForAnExecutionThatIsForgotten",
                                Answer.fails("Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: 'other'"))
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model; the champion is version 3 again"),
                another("leavesAloneWhatARunningExecutionHasPromoted", Answer.execution("RUNNING"))
                        .call("RecordFailure", Answer.done())
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model"),
                rejected("leavesAloneWhatAnotherExecutionIsRollingBack")
                        .call(
                                "ReadChampionAfterFailure",
                                Answer.champion(3, 8)
                                        .unconfirmed(PromotionCases.OTHER, 4, 3)
                                        .by("rollback"))
                        .call("RecordFailure", Answer.done())
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model"),
                another("leavesAloneWhatItCannotAskAbout", Answer.fails("Sfn.AccessDeniedException", "not authorized"))
                        .call("RecordFailure", Answer.done())
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model"));
    }

    private static WorkflowCase another(String name, Answer owner) {
        return rejected(name)
                .call("ReadChampionAfterFailure", Answer.champion(4, 8, 3).unconfirmed(PromotionCases.OTHER, 3, null))
                .call("DescribeOwner", owner);
    }

    private static WorkflowCase rejected(String name) {
        return VerificationCases.attempt(name, Answer.exited(65))
                .call("ReadVerdict", Answer.verdict("REJECTED", "NOT_ONNX", "not an ONNX model"));
    }

    private static Stream<WorkflowCase> conflicts() {
        WorkflowCase inVain = failed("doesNotRestoreForEverAgainstConflicts");
        for (int i = 0; i < 41; i++) {
            inVain = inVain.call("ReadChampionAfterFailure", PromotionCases.moved())
                    .call("RestorePreviousChampion", Answer.cancelled("TransactionConflict", "None", "None"));
        }
        return Stream.of(
                failed("restoresAgainAfterAConflict")
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.cancelled("TransactionConflict", "None", "None"))
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .fails("ReplicaFailed", FAILED + AGAIN),
                failed("leavesAloneWhatSomebodyElseMovesMeanwhile")
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("ReadChampionAfterFailure", Answer.champion(3, 9, 1))
                        .call("RecordFailure", Answer.done())
                        .fails("ReplicaFailed", FAILED),
                failed("doesNotGoBackToAVersionThatIsNotVerifiedAnyMore")
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.cancelled("None", "ConditionalCheckFailed", "None"))
                        .call("RecordFailure", Answer.done())
                        .fails(
                                "ReplicaFailed",
                                FAILED + "; version 1, champion before, is not VERIFIED any more, so the champion stays"
                                        + " version 2"),
                inVain.call("RecordFailure", Answer.done())
                        .and(run -> assertThat(run.error()).isEqualTo("ReplicaFailed"))
                        .and(run -> assertThat(run.cause())
                                .startsWith(FAILED + "; the champion could not be restored: Transaction cancelled")));
    }
}
