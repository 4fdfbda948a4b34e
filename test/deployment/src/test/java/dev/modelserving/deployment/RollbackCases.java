package dev.modelserving.deployment;

import java.util.List;
import java.util.stream.Stream;

/** Going back to the version before. */
final class RollbackCases {
    private RollbackCases() {}

    static List<WorkflowCase> all() {
        return Stream.concat(rollbacks(), lostRollbacks()).toList();
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
}
