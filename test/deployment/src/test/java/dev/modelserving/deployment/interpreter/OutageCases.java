package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** A registry, or another service, that cannot be used: for a moment, or at all. */
final class OutageCases {
    private static final String DENIED = "DynamoDb.DynamoDbException: User is not authorized to perform this"
            + " (Service: DynamoDb, Status Code: 400, Request ID: 5EJ0K2) (SDK Attempt Count: 1)";

    private OutageCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(moments(), beforePromotion(), afterPromotion(), afterFailure())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<WorkflowCase> moments() {
        Answer another = Answer.champion(4, 8, 3).unconfirmed(PromotionCases.OTHER, 3, null);
        return Stream.of(
                WorkflowCase.release("asksAgainWhatAServiceCannotAnswerForAMoment")
                        .call("RegisterCandidate", Answer.throttled())
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.fails("ECS.ThrottlingException", "Rate exceeded"))
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.late())
                        .call("ReadVerdict", Answer.verified())
                        .call("ReadChampion", Answer.throttled())
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.late())
                        .call("PromoteChampion", Answer.throttled())
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.throttled())
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.throttled())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.throttled())
                        .call("ConfirmPromotion", Answer.done())
                        .and(OutageCases::asksTheSameEachTime)
                        .succeeds(PromotionCases.done(2, "PROMOTED", 1, 1, VerificationCases.VERDICT)),
                WorkflowCase.release("asksAgainWhileItRejects")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.exited(139))
                        .call("ReadVerdict", Answer.noItem())
                        .call("RejectCrashedVersion", Answer.throttled())
                        .call("RejectCrashedVersion", Answer.done())
                        .call("ReadChampionAfterFailure", Answer.throttled())
                        .call("ReadChampionAfterFailure", another)
                        .call("DescribeOwner", Answer.fails("Sfn.ThrottlingException", "Rate exceeded"))
                        .call("DescribeOwner", Answer.execution("FAILED"))
                        .call("RestorePreviousChampion", Answer.throttled())
                        .call("RestorePreviousChampion", Answer.done())
                        .call("RecordFailure", Answer.throttled())
                        .call("RecordFailure", Answer.done())
                        .and(OutageCases::asksTheSameEachTime)
                        .fails(
                                "RuntimeCrashed",
                                "CRASHED: the runtime crashed with exit code 139 while it verified the version;"
                                        + " the champion is version 3 again"),
                WorkflowCase.release("givesUpOnARegistryThatIsAlwaysBusy")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.ended())
                        .calls(6, "ReadVerdict", Answer.throttled())
                        .nothingToRestore()
                        .and(run -> assertThat(run.error()).isEqualTo("RegistryUnavailable"))
                        .and(run -> assertThat(run.cause())
                                .startsWith(
                                        "the verdict could not be read: DynamoDb.ThrottlingException: Throughput")));
    }

    /** A transaction that did go through is not done twice: its token is the same, and so is all that it asks for. */
    private static void asksTheSameEachTime(WorkflowRun run) {
        run.calls().stream()
                .map(WorkflowRun.Call::state)
                .distinct()
                .forEach(state -> assertThat(run.arguments(state))
                        .as(state)
                        .containsOnly(run.arguments(state).get(0)));
        assertThat(run.calls())
                .filteredOn(call -> call.service().endsWith(":transactWriteItems"))
                .isNotEmpty()
                .allMatch(call ->
                        call.arguments().path("ClientRequestToken").asText().matches("[0-9a-f-]{36}"));
    }

    private static Stream<WorkflowCase> beforePromotion() {
        return Stream.of(
                WorkflowCase.release("failsWhenTheVersionCannotBeRegistered")
                        .call("RegisterCandidate", Answer.denied())
                        .nothingToRestore()
                        .fails("RegistryUnavailable", "the version could not be registered: " + DENIED),
                WorkflowCase.release("failsWhenTheVerdictCannotBeRead")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.denied())
                        .nothingToRestore()
                        .fails("RegistryUnavailable", "the verdict could not be read: " + DENIED),
                WorkflowCase.release("saysThatACrashedVersionCouldNotBeRejected")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.exited(134))
                        .call("ReadVerdict", Answer.noItem())
                        .call("RejectCrashedVersion", Answer.denied())
                        .nothingToRestore()
                        .fails(
                                "RuntimeCrashed",
                                "CRASHED: the runtime crashed with exit code 134 while it verified the version; its status"
                                        + " could not be written: " + DENIED),
                WorkflowCase.action("promote", "failsWhenTheChampionCannotBeRead")
                        .call("ReadChampion", Answer.denied())
                        .nothingToRestore()
                        .fails("RegistryUnavailable", "the champion could not be read: " + DENIED),
                WorkflowCase.action("promote", "failsWhenTheChampionCannotBeMoved")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.denied())
                        .nothingToRestore()
                        .fails("RegistryUnavailable", "the champion could not be moved: " + DENIED));
    }

    private static Stream<WorkflowCase> afterPromotion() {
        return Stream.of(
                restored(ServingCases.promoted("restoresWhenTheChampionCannotBeWatched")
                                .call("WatchChampion", Answer.denied()))
                        .fails(
                                "RegistryUnavailable",
                                "the champion could not be read: " + DENIED + "; the champion is version 1 again"),
                restored(ServingCases.promoted("restoresWhenTheReplicasCannotBeRead")
                                .call("WatchChampion", PromotionCases.moved())
                                .call("WaitUntilServed", Answer.denied()))
                        .fails(
                                "RegistryUnavailable",
                                "the reports of replicas could not be read: " + DENIED
                                        + "; the champion is version 1 again"),
                restored(ServingCases.promoted("restoresWhenThePromotionCannotBeConfirmed")
                                .call("WatchChampion", PromotionCases.moved())
                                .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                                .call("ConfirmPromotion", Answer.denied()))
                        .fails(
                                "RegistryUnavailable",
                                "the promotion could not be confirmed: " + DENIED
                                        + "; the champion is version 1 again"));
    }

    private static WorkflowCase restored(WorkflowCase one) {
        return one.call("ReadChampionAfterFailure", PromotionCases.moved())
                .call("RestorePreviousChampion", Answer.done())
                .call("RecordFailure", Answer.done());
    }

    private static Stream<WorkflowCase> afterFailure() {
        return Stream.of(
                WorkflowCase.action("promote", "saysThatTheChampionCouldNotBeReadAfterTheFailure")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.cancelled("None", "ConditionalCheckFailed", "None"))
                        .call("ReadChampionAfterFailure", Answer.denied())
                        .call("RecordFailure", Answer.done())
                        .fails(
                                "NotVerified",
                                "version 2 of iris is not there or not VERIFIED; the champion could not be read, so nothing"
                                        + " was restored: DynamoDb.DynamoDbException"),
                ServingCases.promoted("saysThatTheChampionCouldNotBeRestored")
                        .call("WatchChampion", PromotionCases.moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.failed(1, 2, "no memory")))
                        .call("ReadChampionAfterFailure", PromotionCases.moved())
                        .call("RestorePreviousChampion", Answer.denied())
                        .call("RecordFailure", Answer.done())
                        .fails(
                                "ReplicaFailed",
                                "1 of 1 replicas could not load version 2: no memory; the champion could not be restored: "
                                        + DENIED),
                WorkflowCase.action("promote", "saysThatTheFailureCouldNotBeWrittenDown")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.cancelled("None", "ConditionalCheckFailed", "None"))
                        .call("ReadChampionAfterFailure", Answer.champion(1, 7))
                        .call("RecordFailure", Answer.denied())
                        .fails(
                                "NotVerified",
                                "version 2 of iris is not there or not VERIFIED; this could not be written into the audit"
                                        + " trail: DynamoDb.DynamoDbException"));
    }
}
