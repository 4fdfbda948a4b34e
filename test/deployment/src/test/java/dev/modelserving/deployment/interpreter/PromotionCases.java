package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.deployment.Json;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Moving the champion to a version that is verified. */
final class PromotionCases {
    static final String OTHER = "arn:aws:states:eu-central-1:000000000000:execution:ml-workflow:other";

    /** Places in what is asked for when the champion is moved. */
    static final String ALIAS = "/TransactItems/0/Update";

    static final String VALUES = ALIAS + "/ExpressionAttributeValues";
    static final String UNCONFIRMED = VALUES + "/:unconfirmed/M";
    static final String AUDIT = "/TransactItems/2/Put/Item";

    private PromotionCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(releases(), alreadyThere(), promotions(), conflicts())
                .flatMap(cases -> cases)
                .toList();
    }

    /** The champion after this execution has moved it from version 1 to 2. */
    static Answer moved() {
        return Answer.champion(2, 8, 1).unconfirmed(Answer.ITSELF, 1, null);
    }

    private static Stream<WorkflowCase> releases() {
        return Stream.of(
                WorkflowCase.release("promotesAVersionAndWaitsUntilAllReplicasAnswerWithIt")
                        .verified()
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2), Replica.loading(1, 2)))
                        .call("WatchChampion", moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2), Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("ReadChampion", "/Key/sk/S", "ALIAS#champion")
                        .asks("ReadChampion", "/ConsistentRead", "true")
                        .asks("PromoteChampion", ALIAS + "/ConditionExpression", "rev = :read")
                        .asks("PromoteChampion", VALUES + "/:read/N", "7")
                        .asks("PromoteChampion", VALUES + "/:rev/N", "8")
                        .asks("PromoteChampion", VALUES + "/:version/N", "2")
                        .asks("PromoteChampion", VALUES + "/:previous/N", "1")
                        .asks("PromoteChampion", VALUES + "/:who/S", "execution " + Answer.ITSELF)
                        .asks("PromoteChampion", UNCONFIRMED + "/executionId/S", Answer.ITSELF)
                        .asks("PromoteChampion", UNCONFIRMED + "/version/N", "1")
                        .asks("PromoteChampion", UNCONFIRMED + "/previousVersion", "")
                        .asks("PromoteChampion", "/TransactItems/1/ConditionCheck/Key/sk/S", "VERSION#0000000002")
                        .asks(
                                "PromoteChampion",
                                "/TransactItems/1/ConditionCheck/ConditionExpression",
                                "#status = :verified")
                        .asks("PromoteChampion", AUDIT + "/what/S", "alias champion")
                        .asks("PromoteChampion", AUDIT + "/from/N", "1")
                        .asks("PromoteChampion", AUDIT + "/to/N", "2")
                        .asks("PromoteChampion", AUDIT + "/rev/N", "8")
                        .asks("PromoteChampion", AUDIT + "/reason/S", "release")
                        .asks(
                                "ConfirmPromotion",
                                ALIAS + "/UpdateExpression",
                                "SET rev = :next, updatedAt = :now REMOVE unconfirmed")
                        .asks(
                                "ConfirmPromotion",
                                ALIAS + "/ConditionExpression",
                                "rev = :rev AND attribute_exists(unconfirmed)")
                        .asks("ConfirmPromotion", VALUES + "/:rev/N", "8")
                        .asks("ConfirmPromotion", VALUES + "/:next/N", "9")
                        .asks("ConfirmPromotion", "/TransactItems/1/Put/Item/rev/N", "9")
                        .asks(
                                "ConfirmPromotion",
                                "/TransactItems/1/Put/Item/reason/S",
                                "2 of 2 replicas answer with it")
                        .and(PromotionCases::setsAllOfTheAlias)
                        .and(PromotionCases::asksForOneModelOnly)
                        .and(PromotionCases::eachStepHasATokenOfItsOwn)
                        .succeeds(done(2, "PROMOTED", 1, 2, VerificationCases.VERDICT)),
                WorkflowCase.release("theFirstVersionBecomesChampion")
                        .verified()
                        .call("ReadChampion", Answer.noItem())
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(2, 8).unconfirmed(Answer.ITSELF, null, null))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", ALIAS + "/ConditionExpression", "attribute_not_exists(pk)")
                        .asks("PromoteChampion", VALUES + "/:read", "")
                        .asks("PromoteChampion", VALUES + "/:previous", "")
                        .asks("PromoteChampion", UNCONFIRMED + "/version", "")
                        .asks("PromoteChampion", AUDIT + "/from", "")
                        .and(run -> assertThat(run.asked("PromoteChampion", VALUES + "/:rev/N"))
                                .as("milliseconds, so that it is greater than that of an alias deleted before")
                                .matches("\\d{13}"))
                        .and(run -> assertThat(run.asked("PromoteChampion", ALIAS + "/UpdateExpression"))
                                .endsWith("unconfirmed = :unconfirmed REMOVE previousVersion"))
                        .succeeds(done(2, "PROMOTED", null, 1, VerificationCases.VERDICT)),
                WorkflowCase.of("promotesOverAReleaseThatNobodyHasConfirmed", """
                                {"modelId": "iris", "version": 5}""")
                        .verified()
                        .call(
                                "ReadChampion",
                                Answer.champion(4, 8, 3)
                                        .unconfirmed(OTHER, 3, 2)
                                        .by("release"))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(5, 9, 3).unconfirmed(Answer.ITSELF, 3, 2))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(5)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", VALUES + "/:previous/N", "3")
                        .asks("PromoteChampion", UNCONFIRMED + "/version/N", "3")
                        .asks("PromoteChampion", UNCONFIRMED + "/previousVersion/N", "2")
                        .asks("PromoteChampion", AUDIT + "/from/N", "4")
                        .succeeds(done(5, "PROMOTED", 4, 1, VerificationCases.VERDICT)));
    }

    private static void setsAllOfTheAlias(WorkflowRun run) {
        assertThat(run.asked("PromoteChampion", ALIAS + "/UpdateExpression"))
                .isEqualTo(
                        "SET entity = :entity, modelId = :id, #alias = :alias, #version = :version, updatedBy = :who,"
                                + " updatedAt = :now, createdAt = if_not_exists(createdAt, :now), rev = :rev,"
                                + " unconfirmed = :unconfirmed, previousVersion = :previous");
    }

    private static void asksForOneModelOnly(WorkflowRun run) {
        assertThat(run.arguments("WaitUntilServed").get(0)).isEqualTo(Json.parse("""
                {"TableName": "registry", "IndexName": "byEntity", "KeyConditionExpression": "entity = :replica",
                  "ProjectionExpression": "expiresAt, models.#model", "ExpressionAttributeNames": {"#model": "iris"},
                  "ExpressionAttributeValues": {":replica": {"S": "REPLICA"}}}"""));
    }

    private static void eachStepHasATokenOfItsOwn(WorkflowRun run) {
        assertThat(run.calls())
                .map(WorkflowRun.Call::arguments)
                .map(arguments -> arguments.path("ClientRequestToken"))
                .filteredOn(JsonNode::isTextual)
                .hasSize(3)
                .doesNotHaveDuplicates();
    }

    private static Stream<WorkflowCase> alreadyThere() {
        return Stream.of(
                WorkflowCase.release("aChampionThatIsServedStaysAsItIs")
                        .verified()
                        .call("ReadChampion", Answer.champion(2, 8, 1))
                        .call("WatchChampion", Answer.champion(2, 8, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .succeeds(done(2, "ALREADY_CHAMPION", 2, 1, VerificationCases.VERDICT)),
                WorkflowCase.release("confirmsWhatAnotherExecutionHasPromoted")
                        .verified()
                        .call("ReadChampion", Answer.champion(2, 8, 1).unconfirmed(OTHER, 1, null))
                        .call("WatchChampion", Answer.champion(2, 8, 1).unconfirmed(OTHER, 1, null))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .succeeds(done(2, "ALREADY_CHAMPION", 2, 1, VerificationCases.VERDICT)));
    }

    private static Stream<WorkflowCase> promotions() {
        return Stream.of(
                WorkflowCase.action("promote", "promotesAnOlderVersionOnlyWhenToldTo")
                        .call("ReadChampion", Answer.champion(3, 7, 2))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(2, 8, 3).unconfirmed(Answer.ITSELF, 3, 2))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", AUDIT + "/reason/S", "promote")
                        .succeeds(done(2, "PROMOTED", 3, 1, "{}")),
                WorkflowCase.action("promote", "doesNotGoBackToWhatSomebodyIsRollingBack")
                        .call(
                                "ReadChampion",
                                Answer.champion(3, 7, 4)
                                        .unconfirmed(OTHER, 4, 1)
                                        .by("rollback"))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(2, 8, 3).unconfirmed(Answer.ITSELF, 3, 4))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", VALUES + "/:previous/N", "3")
                        .asks("PromoteChampion", UNCONFIRMED + "/version/N", "3")
                        .asks("PromoteChampion", UNCONFIRMED + "/previousVersion/N", "4")
                        .asks("PromoteChampion", UNCONFIRMED + "/action/S", "promote")
                        .succeeds(done(2, "PROMOTED", 3, 1, "{}")),
                WorkflowCase.action("promote", "promotingWhatWasLastConfirmedKeepsWhatWasBeforeIt")
                        .call(
                                "ReadChampion",
                                Answer.champion(3, 7, 2)
                                        .unconfirmed(OTHER, 2, 1)
                                        .by("release"))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", Answer.champion(2, 8, 1).unconfirmed(Answer.ITSELF, 2, 1))
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .asks("PromoteChampion", VALUES + "/:previous/N", "1")
                        .succeeds(done(2, "PROMOTED", 3, 1, "{}")),
                WorkflowCase.action("promote", "doesNotPromoteWhatIsNotVerified")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.cancelled("None", "ConditionalCheckFailed", "None"))
                        .nothingToRestore()
                        .fails("NotVerified", "version 2 of iris is not there or not VERIFIED"));
    }

    private static Stream<WorkflowCase> conflicts() {
        WorkflowCase inVain = WorkflowCase.action("promote", "doesNotPromoteForEverAgainstConflicts");
        for (int i = 0; i < 21; i++) {
            inVain = inVain.call("ReadChampion", Answer.champion(1, 7))
                    .call("PromoteChampion", Answer.cancelled("TransactionConflict", "None", "None"));
        }
        return Stream.of(
                inVain.nothingToRestore()
                        .and(run -> assertThat(run.error()).isEqualTo("RegistryUnavailable"))
                        .and(run -> assertThat(run.cause())
                                .startsWith("the champion could not be moved: Transaction cancelled")),
                WorkflowCase.release("aNewerVersionThatWasPromotedMeanwhileStays")
                        .verified()
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("ReadChampion", Answer.champion(3, 8, 1))
                        .call("ReadChampionAfterFailure", Answer.champion(3, 8, 1))
                        .call("RecordFailure", Answer.done())
                        .fails(
                                "Superseded",
                                "the champion is version 3, which is newer; the action promote would go back"),
                WorkflowCase.action("promote", "promotesAgainAfterAConflict")
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.cancelled("None", "TransactionConflict", "None"))
                        .call("ReadChampion", Answer.champion(1, 7))
                        .call("PromoteChampion", Answer.done())
                        .call("WatchChampion", moved())
                        .call("WaitUntilServed", Answer.replicas(Replica.ready(2)))
                        .call("ConfirmPromotion", Answer.done())
                        .and(run -> assertThat(run.arguments("PromoteChampion"))
                                .map(arguments ->
                                        arguments.path("ClientRequestToken").asText())
                                .as("another read, another token")
                                .doesNotHaveDuplicates())
                        .succeeds(done(2, "PROMOTED", 1, 1, "{}")));
    }

    /** @param from null: there was no champion */
    static String done(int version, String outcome, @Nullable Integer from, int replicas, String verdict) {
        return """
                {"modelId": "iris", "version": %d, "outcome": "%s", "from": %s, "replicas": %d, "verdict": %s}""".formatted(version, outcome, from, replicas, verdict);
    }
}
