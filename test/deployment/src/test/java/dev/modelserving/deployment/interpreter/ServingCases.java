package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** Waiting until replicas answer with the champion, and confirming that they do. */
final class ServingCases {
    private ServingCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(replicas(), overtaken(), confirmations())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<WorkflowCase> replicas() {
        return Stream.of(
                promoted("countsTheReplicasOfAllPages")
                        .call("WatchChampion", PromotionCases.moved())
                        .call(
                                "WaitUntilServed",
                                Answer.replicas(Replica.ready(2)).continued())
                        .call("WaitUntilServed", Answer.replicas().continued())
                        .call("WaitUntilServed", Answer.replicas(Replica.loading(1, 2)))
                        .call("WatchChampion", PromotionCases.moved())
                        .call(
                                "WaitUntilServed",
                                Answer.replicas(Replica.ready(2)).continued())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .and(run -> assertThat(run.arguments("WaitUntilServed"))
                                .map(arguments -> arguments.has("ExclusiveStartKey"))
                                .containsExactly(false, true, true, false, true))
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 2, "{}")),
                promoted("doesNotWaitForReplicasThatAreGone")
                        .call("WatchChampion", PromotionCases.moved())
                        .call(
                                "WaitUntilServed",
                                Answer.replicas(
                                        Replica.ready(1).gone(),
                                        Replica.failed(1, 2, "no memory").gone(),
                                        Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 1, "{}")),
                promoted("waitsForAReplicaThatDoesNotKnowTheModelYet")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2), Replica.unaware()))
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2), Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 2, "{}")),
                promoted("waitsWhileAReplicaFailsWithAnotherVersion")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.failed(1, 1, "no memory"), Replica.ready(2)))
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2), Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 2, "{}")),
                WorkflowCase.of("waitsForNobodyWhenNoReplicasAreRequired", """
                                {"action": "promote", "modelId": "iris", "version": 2, "requireReplicas": false}""")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas())
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 0, "{}")));
    }

    private static Stream<WorkflowCase> overtaken() {
        return Stream.of(
                promoted("givesWayToAVersionThatIsPromotedMeanwhile")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.loading(1, 2)))
                        .call("WatchChampion", Answer.champion(3, 9, 1).unconfirmed(PromotionCases.OTHER, 1, null))
                        .call(
                                "ReadChampionAfterFailure",
                                Answer.champion(3, 9, 1).unconfirmed(PromotionCases.OTHER, 1, null))
                        .call("DescribeOwner", Answer.execution("RUNNING"))
                        .call("RecordFailure", Answer.done())
                        .asks("DescribeOwner", "/ExecutionArn", PromotionCases.OTHER)
                        .fails("Superseded", "the champion was moved to version 3 meanwhile, by somebody"),
                promoted("givesUpWhenTheChampionIsRemovedMeanwhile")
                        .call("WatchChampion", Answer.noItem())
                        .call("ReadChampionAfterFailure", Answer.noItem())
                        .call("RecordFailure", Answer.done())
                        .fails("Superseded", "the champion was removed meanwhile"));
    }

    private static Stream<WorkflowCase> confirmations() {
        Answer conflict = Answer.cancelled("TransactionConflict", "None");
        WorkflowCase inVain = promoted("doesNotConfirmForEverAgainstConflicts");
        for (int i = 0; i < 21; i++) {
            inVain = inVain.call("WatchChampion", PromotionCases.moved())
                    .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                    .call("ConfirmPromotion", conflict);
        }
        return Stream.of(
                promoted("looksAgainWhenAnotherExecutionConfirmsFirst")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.cancelled("ConditionalCheckFailed", "None"))
                        .call("WatchChampion", Answer.champion(2, 8, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 1, "{}")),
                inVain.call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.done())
                        .and(run -> assertThat(run.error()).isEqualTo("RegistryUnavailable"))
                        .and(run -> assertThat(run.cause())
                                .startsWith("the promotion could not be confirmed: Transaction cancelled")
                                .endsWith("; the champion is version 1 again")));
    }

    /** Version 2 is champion in the place of version 1, and nobody has confirmed it. */
    static WorkflowCase promoted(String name) {
        return WorkflowCase.action("promote", name)
                .call("ReadChampion", Answer.champion(1, 7))
                .call("PromoteChampion", Answer.done());
    }
}
