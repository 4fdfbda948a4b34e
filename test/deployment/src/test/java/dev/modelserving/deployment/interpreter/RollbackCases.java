package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** Going back to the version before. */
final class RollbackCases {
    private RollbackCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(rollbacks(), lostRollbacks(), afterwards())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<WorkflowCase> rollbacks() {
        return Stream.of(
                WorkflowCase.rollback("goesBackToTheVersionBefore")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(1, 9).unconfirmed(Answer.ITSELF, 2, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(1)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", PromotionCases.VALUES + "/:version/N", "1")
                        .asks("PromoteChampion", PromotionCases.VALUES + "/:previous", "")
                        .asks("PromoteChampion", PromotionCases.UNCONFIRMED + "/version/N", "2")
                        .asks("PromoteChampion", "/TransactItems/1/ConditionCheck/Key/sk/S", "VERSION#0000000001")
                        .asks("PromoteChampion", PromotionCases.AUDIT + "/from/N", "2")
                        .asks("PromoteChampion", PromotionCases.AUDIT + "/to/N", "1")
                        .asks("PromoteChampion", PromotionCases.AUDIT + "/reason/S", "rollback")
                        .asks("PromoteChampion", PromotionCases.VALUES + "/:from/N", "2")
                        .asks("PromoteChampion", PromotionCases.UNCONFIRMED + "/action/S", "rollback")
                        .and(run -> assertThat(run.asked("PromoteChampion", PromotionCases.ALIAS + "/UpdateExpression"))
                                .endsWith("unconfirmed = :unconfirmed, rolledBackFrom = :from REMOVE previousVersion"))
                        .succeeds(PromotionCases.done(1, "ROLLED_BACK", 2, 1, "{}")),
                WorkflowCase.rollback("goesBackToWhatWasLastConfirmed")
                        .call("ReadChampion", Answer.champion(4, 8, 3).unconfirmed(PromotionCases.OTHER, 2, 1))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(2, 9, 1).unconfirmed(Answer.ITSELF, 2, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", PromotionCases.VALUES + "/:previous/N", "1")
                        .succeeds(PromotionCases.done(2, "ROLLED_BACK", 4, 1, "{}")),
                WorkflowCase.rollback("goesBackAgainAfterAConflict")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.cancelled("TransactionConflict", "None", "None"))
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(1, 9).unconfirmed(Answer.ITSELF, 2, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(1)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(1, "ROLLED_BACK", 2, 1, "{}")));
    }

    private static Stream<WorkflowCase> lostRollbacks() {
        return Stream.of(
                WorkflowCase.rollback("cannotGoBackWithoutAChampion")
                        .call("ReadChampion", Answer.noItem())
                        .call("ReadChampionAfterFailure", Answer.noItem())
                        .call("RecordFailure", Answer.done())
                        .asks("RecordFailure", "/Item/what/S", "rollback failed")
                        .asks("RecordFailure", "/Item/to", "")
                        .fails("NothingToRestore", "iris has no champion"),
                WorkflowCase.rollback("cannotGoBackFromTheFirstChampion")
                        .call("ReadChampion", Answer.champion(2, 8))
                        .call("ReadChampionAfterFailure", Answer.champion(2, 8))
                        .call("RecordFailure", Answer.done())
                        .fails("NothingToRestore", "no version was champion before version 2"),
                WorkflowCase.rollback("doesNotGoBackFromAVersionThatBecameChampionMeanwhile")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("ReadChampion", Answer.champion(3, 9, 2))
                        .call("ReadChampionAfterFailure", Answer.champion(3, 9, 2))
                        .call("RecordFailure", Answer.done())
                        .fails("Superseded", "the champion was moved to version 3 meanwhile, by somebody"),
                WorkflowCase.rollback("doesNotGoBackFromAChampionThatIsRemovedMeanwhile")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("ReadChampion", Answer.noItem())
                        .call("ReadChampionAfterFailure", Answer.noItem())
                        .call("RecordFailure", Answer.done())
                        .fails("Superseded", "the champion was removed meanwhile"),
                WorkflowCase.rollback("doesNotGoBackToAVersionThatIsNotVerified")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.cancelled("None", "ConditionalCheckFailed", "None"))
                        .call("ReadChampionAfterFailure", Answer.champion(2, 8, 1))
                        .call("RecordFailure", Answer.done())
                        .asks("RecordFailure", "/Item/what/S", "rollback of version 1 failed")
                        .fails("NotVerified", "version 1 of iris is not there or not VERIFIED"));
    }

    private static Stream<WorkflowCase> afterwards() {
        Answer goneBack = Answer.champion(1, 9).rolledBackFrom(2);
        Answer goingBack = goneBack.unconfirmed(PromotionCases.OTHER, 2, 1).by("rollback");
        return Stream.of(
                WorkflowCase.rollback("twoRollbacksAreOneWhileItIsUnderWay")
                        .call("ReadChampion", goingBack)
                        .call("WatchChampion", goingBack)
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(1)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(1, "ALREADY_CHAMPION", 1, 1, "{}")),
                WorkflowCase.rollback("twoRollbacksAtTheSameMomentAreOne")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("ReadChampion", goingBack)
                        .call("WatchChampion", goingBack)
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(1)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(1, "ALREADY_CHAMPION", 2, 1, "{}")),
                ServingCases.promoted("aPromotionThatFailsLeavesRolledBackWhatWas")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.failed(1, 2, "no memory")))
                        .call("ReadChampionAfterFailure", PromotionCases.moved().overRolledBackFrom(5))
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .asks(
                                "RestorePreviousChampion",
                                PromotionCases.ALIAS + "/UpdateExpression",
                                "SET #version = :to, updatedBy = :who, updatedAt = :now, rev = :rev,"
                                        + " rolledBackFrom = :rolledBackFrom REMOVE unconfirmed, previousVersion")
                        .asks("RestorePreviousChampion", PromotionCases.VALUES + "/:rolledBackFrom/N", "5")
                        .fails(
                                "ReplicaFailed",
                                "1 of 1 replicas could not load version 2: no memory; the champion is version 1 again"),
                WorkflowCase.release("aReleaseDoesNotBringBackWhatWasRolledBack")
                        .verified()
                        .call("ReadChampion", goneBack)
                        .call("ReadChampionAfterFailure", goneBack)
                        .call("RecordFailure", Answer.done())
                        .fails(
                                "Superseded",
                                "the champion was rolled back from version 2 to version 1; the action promote would bring"
                                        + " version 2 back"),
                WorkflowCase.action("promote", "promotesAgainWhatWasRolledBack")
                        .call("ReadChampion", goneBack)
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", PromotionCases.UNCONFIRMED + "/rolledBackFrom/N", "2")
                        .and(run -> assertThat(run.asked("PromoteChampion", PromotionCases.ALIAS + "/UpdateExpression"))
                                .endsWith("previousVersion = :previous REMOVE rolledBackFrom"))
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 1, "{}")),
                WorkflowCase.rollback("aRollbackThatFailsLeavesNothingRolledBack")
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", goingBack)
                        .call("WaitUntilServed", Answer.replicas(Replica.failed(2, 1, "no memory")))
                        .call(
                                "ReadChampionAfterFailure",
                                goneBack.unconfirmed(Answer.ITSELF, 2, 1).by("rollback"))
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .and(run -> assertThat(run.asked(
                                        "RestorePreviousChampion", PromotionCases.ALIAS + "/UpdateExpression"))
                                .endsWith(" REMOVE unconfirmed, rolledBackFrom"))
                        .fails(
                                "ReplicaFailed",
                                "1 of 1 replicas could not load version 1: no memory; the champion is version 2 again"));
    }
}
