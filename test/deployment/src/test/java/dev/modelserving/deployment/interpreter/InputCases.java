package dev.modelserving.deployment.interpreter;

import java.util.List;
import java.util.stream.Stream;

/** What may go into the workflow, and what it refuses, before it asks any service. */
final class InputCases {
    private static final String FIELDS =
            "action, modelId, version, manifestKey, manifestVersionId, requireReplicas, serveWithinSeconds";
    private static final String ID =
            " (expected: 1 to 128 of a-z, 0-9, dot, underscore, hyphen, the first a letter or digit)";
    private static final String VERSION = " (expected: a whole number from 1 to 9999999999)";
    private static final String KEY = " (expected: models/<modelId>/<version>/manifest.json)";
    private static final String SECONDS = " (expected: a whole number from 1 to 3600)";

    private InputCases() {}

    static List<WorkflowCase> all() {
        return Stream.concat(taken(), Stream.concat(refused(), refusedKeys())).toList();
    }

    private static Stream<WorkflowCase> taken() {
        return Stream.of(
                WorkflowCase.of("takesTheArrivalOfAManifest", """
                                {"manifestKey": "models/iris/2/manifest.json", "manifestVersionId": "3HL4kqtJ"}""")
                        .verified()
                        .call("ReadChampion", Answer.champion(3, 7))
                        .nothingToRestore()
                        .asks("RegisterCandidate", "/TransactItems/0/Put/Item/manifestVersionId/S", "3HL4kqtJ")
                        .asks("RegisterCandidate", "/TransactItems/0/Put/Item/sk/S", "VERSION#0000000002")
                        .asks("VerifyCandidate", VerificationCases.VARIABLES + "/3/Value", "iris")
                        .asks("VerifyCandidate", VerificationCases.VARIABLES + "/4/Value", "2")
                        .asks("VerifyCandidate", VerificationCases.VARIABLES + "/5/Value", "3HL4kqtJ")
                        .fails(
                                "Superseded",
                                "the champion is version 3, which is newer; the action promote would go back"),
                WorkflowCase.of("takesAVersionThatIsText", """
                                {"action": "verify", "modelId": "iris", "version": "2"}""").verified().succeeds(VerificationCases.VERIFIED),
                WorkflowCase.of("takesWhatStepFunctionsAddsToTheInputOfANestedExecution", """
                                {"action": "verify", "modelId": "iris", "version": 2, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "a"}""")
                        .verified()
                        .succeeds(VerificationCases.VERIFIED),
                WorkflowCase.of("takesTheGreatestVersion", """
                                {"action": "verify", "modelId": "iris", "version": 9999999999}""")
                        .verified()
                        .asks("ReadVerdict", "/Key/sk/S", "VERDICT#iris#9999999999")
                        .succeeds(VerificationCases.VERIFIED.replace(": 2,", ": 9999999999,")));
    }

    private static Stream<WorkflowCase> refused() {
        return Stream.of(
                refused("refusesAnEmptyInput", "{}", "modelId: missing" + ID + "; version: missing" + VERSION),
                refused(
                        "refusesAnArray",
                        "[1]",
                        "input: [1] (expected: an object); modelId: missing" + ID + "; version: missing" + VERSION),
                refused(
                        "refusesNull",
                        "null",
                        "input: null (expected: an object); modelId: missing" + ID + "; version: missing" + VERSION),
                refused("refusesAnUnknownField", """
                        {"modelId": "iris", "version": 2, "models": 1, "Version": 2}""", "unknown: models, Version (expected: " + FIELDS + ")"),
                refused(
                        "refusesAnUnknownAction",
                        """
                        {"action": "deploy", "modelId": "iris", "version": 2}""",
                        "action: deploy (expected: release, verify, promote or rollback)"),
                refused("refusesAnIdWithASlash", """
                        {"modelId": "iris/1", "version": 2}""", "modelId: iris/1" + ID),
                refused("refusesAnIdThatIsANumber", """
                        {"modelId": 7, "version": 2}""", "modelId: 7" + ID),
                refused("refusesVersionZero", """
                        {"modelId": "iris", "version": 0}""", "version: 0" + VERSION),
                refused("refusesAVersionWithALeadingZero", """
                        {"modelId": "iris", "version": "02"}""", "version: 02" + VERSION),
                refused("refusesAFractionForAVersion", """
                        {"modelId": "iris", "version": 1.5}""", "version: 1.5" + VERSION),
                refused("refusesAVersionOfElevenDigits", """
                        {"modelId": "iris", "version": 10000000000}""", "version: 10000000000" + VERSION),
                refused(
                        "refusesAVersionWithRollback",
                        """
                        {"action": "rollback", "modelId": "iris", "version": 2}""",
                        "version: given with rollback (expected: none, it goes back to the version before; promote takes one)"),
                refused(
                        "refusesAManifestVersionThatIsNoText",
                        """
                        {"modelId": "iris", "version": 2, "manifestVersionId": 7}""",
                        "manifestVersionId: 7 (expected: the version id of an S3 object)"),
                refused("refusesAWordForTrueOrFalse", """
                        {"modelId": "iris", "version": 2, "requireReplicas": "no"}""", "requireReplicas: no (expected: true or false)"),
                refused("refusesToServeWithinNoTime", """
                        {"modelId": "iris", "version": 2, "serveWithinSeconds": 0}""", "serveWithinSeconds: 0" + SECONDS),
                refused("refusesToServeWithinMoreThanAnHour", """
                        {"modelId": "iris", "version": 2, "serveWithinSeconds": 3601}""", "serveWithinSeconds: 3601" + SECONDS),
                refused("refusesToServeWithinAFractionOfASecond", """
                        {"modelId": "iris", "version": 2, "serveWithinSeconds": 1.5}""", "serveWithinSeconds: 1.5" + SECONDS),
                refused(
                        "namesAllFaultsAtOnce",
                        """
                        {"action": 1, "modelId": "Iris", "version": -1, "requireReplicas": null, "serveWithinSeconds": "5", "x": 1}""",
                        "unknown: x (expected: " + FIELDS
                                + "); action: 1 (expected: release, verify, promote or rollback); modelId: Iris" + ID
                                + "; version: -1" + VERSION
                                + "; requireReplicas: null (expected: true or false); serveWithinSeconds: 5"
                                + SECONDS));
    }

    private static Stream<WorkflowCase> refusedKeys() {
        return Stream.of(
                refused("refusesAKeyThatIsNoManifest", """
                        {"manifestKey": "models/iris/2/model.onnx"}""", "manifestKey: models/iris/2/model.onnx" + KEY),
                refused("refusesAKeyInADeeperFolder", """
                        {"manifestKey": "models/iris/2/old/manifest.json"}""", "manifestKey: models/iris/2/old/manifest.json" + KEY),
                refused(
                        "refusesAKeyWithAVersionThatIsNone",
                        """
                        {"manifestKey": "models/iris/latest/manifest.json"}""",
                        "manifestKey: models/iris/latest/manifest.json" + KEY),
                refused("refusesAKeyWithAnIdThatIsNone", """
                        {"manifestKey": "models/Iris/2/manifest.json"}""", "manifestKey: models/Iris/2/manifest.json" + KEY),
                refused("refusesAKeyThatIsNoText", """
                        {"manifestKey": {"a": "\\"b\\""}}""", "manifestKey: {\"a\":\"\\\"b\\\"\"}" + KEY),
                refused(
                        "refusesAKeyBesideAnId",
                        """
                        {"manifestKey": "models/iris/2/manifest.json", "modelId": "iris"}""",
                        "manifestKey: beside modelId or version (expected: one or the other)"),
                refused(
                        "refusesAKeyWithRollback",
                        """
                        {"action": "rollback", "manifestKey": "models/iris/2/manifest.json"}""",
                        "version: given with rollback (expected: none, it goes back to the version before; promote takes one)"));
    }

    private static WorkflowCase refused(String name, String input, String cause) {
        return WorkflowCase.of(name, input).fails("InvalidInput", cause);
    }
}
