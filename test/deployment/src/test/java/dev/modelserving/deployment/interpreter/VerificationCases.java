package dev.modelserving.deployment.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.deployment.Json;
import java.util.List;
import java.util.stream.Stream;

/** Registering and verifying a candidate, and all that can go wrong with it. */
final class VerificationCases {
    /** Where the environment of the container stands in what is asked of ECS. */
    static final String VARIABLES = "/Overrides/ContainerOverrides/0/Environment";

    static final String VERDICT = """
            {"outcome": "VERIFIED", "code": "VERIFIED", "message": "3 examples passed"}""";

    static final String VERIFIED = """
            {"modelId": "iris", "version": 2, "outcome": "VERIFIED", "from": null, "replicas": 0, "verdict": %s}""".formatted(VERDICT);

    private static final String EXITED = "Essential container in task exited";

    private VerificationCases() {}

    static List<WorkflowCase> all() {
        return Stream.of(registration(), verdicts(), exits(), passing())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<WorkflowCase> registration() {
        return Stream.of(
                WorkflowCase.action("verify", "verifiesAndPromotesNothing")
                        .verified()
                        .and(VerificationCases::registersWhatTheInputHolds)
                        .and(VerificationCases::startsOneContainer)
                        .asks("ReadVerdict", "/Key/pk/S", "EXECUTION#" + Answer.ITSELF)
                        .asks("ReadVerdict", "/ConsistentRead", "true")
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "verifiesAVersionThatWasRegisteredBefore")
                        .call("RegisterCandidate", Answer.cancelled("ConditionalCheckFailed", "None", "None"))
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "registersAgainAfterAConflict")
                        .call("RegisterCandidate", Answer.cancelled("None", "TransactionConflict", "None"))
                        .verified()
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "doesNotRegisterForEverAgainstConflicts")
                        .calls(21, "RegisterCandidate", Answer.cancelled("None", "TransactionConflict", "None"))
                        .nothingToRestore()
                        .and(run -> assertThat(run.cause())
                                .startsWith("the version could not be registered: Transaction cancelled"))
                        .and(run -> assertThat(run.error()).isEqualTo("RegistryUnavailable")));
    }

    private static void registersWhatTheInputHolds(WorkflowRun run) {
        JsonNode items = run.arguments("RegisterCandidate").get(0).path("TransactItems");
        assertThat(items.at("/0/Put/ConditionExpression").asText()).isEqualTo("attribute_not_exists(pk)");
        JsonNode version = items.at("/0/Put/Item");
        String now = version.at("/createdAt/S").asText();
        assertThat(now).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(version).isEqualTo(Json.parse("""
                {"pk": {"S": "MODEL#iris"}, "sk": {"S": "VERSION#0000000002"}, "entity": {"S": "VERSION"},
                  "modelId": {"S": "iris"}, "version": {"N": "2"}, "status": {"S": "REGISTERED"}, "format": {"S": "onnx"},
                  "artifactPrefix": {"S": "models/iris/2/"}, "rev": {"N": "1"}, "createdAt": {"S": "%1$s"},
                  "updatedAt": {"S": "%1$s"}}""".formatted(now)));
        assertThat(items.at("/1/Update/Key")).isEqualTo(Json.parse("""
                {"pk": {"S": "MODEL#iris"}, "sk": {"S": "META"}}"""));
        JsonNode audit = items.at("/2/Put/Item");
        assertThat(audit.at("/sk/S").asText()).matches("AUDIT#" + now + "#[0-9a-f-]{36}");
        assertThat(audit.at("/what/S").asText()).isEqualTo("status of version 2");
        assertThat(audit.at("/who/S").asText()).endsWith("execution:ml-workflow:" + run.name());
    }

    private static void startsOneContainer(WorkflowRun run) {
        JsonNode arguments = run.arguments("VerifyCandidate").get(0);
        assertThat(arguments.path("Cluster").asText()).endsWith(":cluster/c");
        assertThat(arguments.path("TaskDefinition").asText()).endsWith("/pipeline:3");
        assertThat(arguments.path("NetworkConfiguration")).isEqualTo(Json.parse("""
                {"AwsvpcConfiguration": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"],
                  "AssignPublicIp": "DISABLED"}}"""));
        assertThat(arguments.at("/Overrides/ContainerOverrides")).hasSize(1);
        assertThat(arguments.at("/Overrides/ContainerOverrides/0/Name").asText())
                .isEqualTo("service");
        assertThat(arguments.at(VARIABLES))
                .extracting(variable -> variable.path("Name").asText())
                .containsExactly(
                        "EXECUTION_MODE",
                        "PIPELINE_EXECUTION_ID",
                        "EXECUTION_START_TIME",
                        "CANDIDATE_MODEL_ID",
                        "CANDIDATE_VERSION",
                        "CANDIDATE_MANIFEST_VERSION_ID");
        assertThat(arguments.at(VARIABLES + "/0/Value").asText()).isEqualTo("step-functions");
        assertThat(arguments.at(VARIABLES + "/1/Value").asText()).endsWith("execution:ml-workflow:" + run.name());
        assertThat(arguments.at(VARIABLES + "/2/Value").asText()).startsWith("20");
    }

    private static Stream<WorkflowCase> verdicts() {
        return Stream.of(
                attempt("aRejectedModelFailsWithItsVerdict", Answer.exited(65))
                        .call(
                                "ReadVerdict",
                                Answer.verdict("REJECTED", "EXAMPLE_DIFFERS", "example \"a\": 1 (expected: 2)"))
                        .nothingToRestore()
                        .asks("RecordFailure", "/Item/what/S", "release of version 2 failed")
                        .asks("RecordFailure", "/Item/error/S", "ModelRejected")
                        .asks("RecordFailure", "/Item/reason/S", "EXAMPLE_DIFFERS: example \"a\": 1 (expected: 2)")
                        .asks("RecordFailure", "/Item/who/S", "execution " + Answer.ITSELF)
                        .asks("RecordFailure", "/Item/to/N", "2")
                        .fails("ModelRejected", "EXAMPLE_DIFFERS: example \"a\": 1 (expected: 2)"),
                attempt("aRejectionCountsThoughTheTaskEndedWell", Answer.ended())
                        .call("ReadVerdict", Answer.verdict("REJECTED", "NOT_ONNX", "not an ONNX model"))
                        .nothingToRestore()
                        .fails("ModelRejected", "NOT_ONNX: not an ONNX model"),
                WorkflowCase.action("verify", "aVerdictCountsThoughTheTaskWasInterruptedAfterIt")
                        .call("RegisterCandidate", Answer.done())
                        .call(
                                "VerifyCandidate",
                                Answer.stopped("SpotInterruption", "Your Spot Task was interrupted.", 143, ""))
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "aVerdictCountsThoughTheTimeIsOver")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.late())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                attempt("aTaskThatLeavesNoVerdictFails", Answer.ended())
                        .call("ReadVerdict", Answer.noItem())
                        .nothingToRestore()
                        .fails("VerificationFailed", "the verification ended well and left no verdict"));
    }

    private static Stream<WorkflowCase> exits() {
        return Stream.of(
                unjudged("exitCode66SaysThatTheCandidateIsMissing", Answer.exited(66))
                        .fails("CandidateMissing", "version 2 of iris is not in the registry"),
                unjudged("exitCode78SaysThatTheTaskIsMisconfigured", Answer.exited(78))
                        .fails(
                                "Misconfigured",
                                "a name, a policy or a key is not set up; the log of the verification task says which: "
                                        + EXITED),
                unjudged("exitCode70IsAFailureOfTheVerification", Answer.exited(70))
                        .fails(
                                "VerificationFailed",
                                "the verification ended with exit code 70 and no verdict; its log says why: " + EXITED),
                unjudged("anyOtherExitCodeIsAFailureOfTheVerification", Answer.exited(1))
                        .fails(
                                "VerificationFailed",
                                "the verification ended with exit code 1 and no verdict; its log says why: " + EXITED),
                unjudged("exitCode137IsLackOfMemory", Answer.exited(137))
                        .fails(
                                "OutOfMemory",
                                "the version needs more memory than the verification task has: " + EXITED),
                unjudged(
                                "aContainerKilledForItsMemoryIsLackOfMemory",
                                Answer.stopped(
                                        "EssentialContainerExited",
                                        EXITED,
                                        null,
                                        "OutOfMemoryError: Container killed due to memory usage"))
                        .fails(
                                "OutOfMemory",
                                "the version needs more memory than the verification task has: " + EXITED
                                        + "; OutOfMemoryError: Container killed due to memory usage"),
                unjudged(
                                "anImageThatCannotBePulledIsAFailureToStart",
                                Answer.stopped(
                                        "TaskFailedToStart", "CannotPullContainerError: manifest unknown", null, ""))
                        .fails(
                                "TaskStartFailed",
                                "the verification task did not start: CannotPullContainerError: manifest unknown"),
                unjudged("anExitCodeThatIsNullIsNone", Answer.fails("States.TaskFailed", """
                                        {"Containers": [{"ExitCode": null}], "StoppedReason": "no network"}"""))
                        .fails("TaskStartFailed", "the verification task did not start: no network"),
                unjudged("anErrorOfEcsIsAFailureToStart", Answer.fails("ECS.AccessDeniedException", "not authorized"))
                        .fails(
                                "TaskStartFailed",
                                "the verification task did not start: ECS.AccessDeniedException: not authorized"),
                unjudged(
                                "aCauseThatIsNoTaskIsAFailureToStart",
                                Answer.fails("States.TaskFailed", "{\"Containers\" cut"))
                        .fails(
                                "TaskStartFailed",
                                "the verification task did not start: States.TaskFailed: {\"Containers\" cut"),
                unjudged("aTaskThatTakesTooLongTimesOut", Answer.late())
                        .fails("VerificationTimedOut", "there was no verdict within 1800 s"));
    }

    private static Stream<WorkflowCase> passing() {
        Answer capacity = Answer.fails(
                "ECS.ClientException",
                "Capacity is unavailable at this time. Please try again later or in a different availability zone");
        return Stream.of(
                WorkflowCase.action("verify", "triesAgainAfterExitCode75")
                        .call("RegisterCandidate", Answer.done())
                        .call("VerifyCandidate", Answer.exited(75))
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "triesAgainAfterAnInterruptionOfSpot")
                        .call("RegisterCandidate", Answer.done())
                        .call(
                                "VerifyCandidate",
                                Answer.stopped("SpotInterruption", "Your Spot Task was interrupted.", null, ""))
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", Answer.exited(143))
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                fourTimes(WorkflowCase.release("givesUpAfterFourTemporaryFailures"), Answer.exited(75))
                        .fails(
                                "TemporaryFailure",
                                "the verification failed 4 times for a reason that passes: exit code 75, " + EXITED),
                fourTimes(WorkflowCase.release("givesUpAfterFourAttemptsWithoutCapacity"), capacity)
                        .fails(
                                "CapacityUnavailable",
                                "Fargate had no capacity at 4 attempts: ECS.ClientException: Capacity is unavailable at this"
                                        + " time. Please try again later or in a different availability zone"),
                WorkflowCase.action("verify", "waitsForThePlaceOfAnotherTask")
                        .call("RegisterCandidate", Answer.done())
                        .call(
                                "VerifyCandidate",
                                Answer.fails(
                                        "ECS.ClientException",
                                        "You've reached the limit on the number of tasks you can run concurrently"))
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED),
                WorkflowCase.action("verify", "waitsForCapacityThatIsMissingWhileTheTaskStarts")
                        .call("RegisterCandidate", Answer.done())
                        .call(
                                "VerifyCandidate",
                                Answer.stopped("TaskFailedToStart", "Capacity is unavailable at this time", null, ""))
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", capacity)
                        .call("ReadVerdict", Answer.noItem())
                        .call("VerifyCandidate", Answer.ended())
                        .call("ReadVerdict", Answer.verified())
                        .succeeds(VERIFIED));
    }

    /** With pauses of 10, 20 and 40 seconds, shortened at random by up to a half. */
    private static WorkflowCase fourTimes(WorkflowCase one, Answer task) {
        WorkflowCase all = one.call("RegisterCandidate", Answer.done());
        for (int i = 0; i < 4; i++) {
            all = all.call("VerifyCandidate", task).call("ReadVerdict", Answer.noItem());
        }
        return all.nothingToRestore().and(run -> {
            List<Double> pauses = run.pauses("PauseBeforeVerifying");
            assertThat(pauses).hasSize(3);
            for (int i = 0; i < pauses.size(); i++) {
                assertThat(pauses.get(i)).as("pause %d", i).isGreaterThanOrEqualTo(5 * Math.pow(2, i));
            }
        });
    }

    private static WorkflowCase unjudged(String name, Answer task) {
        return attempt(name, task).call("ReadVerdict", Answer.noItem()).nothingToRestore();
    }

    /** Registers version 2, and has it verified. */
    static WorkflowCase attempt(String name, Answer task) {
        return WorkflowCase.release(name)
                .call("RegisterCandidate", Answer.done())
                .call("VerifyCandidate", task);
    }
}
