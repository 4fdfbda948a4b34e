package dev.modelserving.infra;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** asl-validator, of {@code package-lock.json}, takes the definition as CloudFormation deploys it. */
class DefinitionIT {
    private static final JsonNode MACHINE = Templates.of().workflow().only("AWS::StepFunctions::StateMachine");

    @TempDir
    private static Path temporary;

    private static Path validator;

    @BeforeAll
    static void install() throws Exception {
        String cdk = output(List.of("../test/deployment/setup.sh")).lines().reduce("", (before, line) -> line);
        validator = Path.of(cdk).resolveSibling("asl-validator");
    }

    @Test
    void theDefinitionIsOne() throws Exception {
        assertThat(validated(deployed())).endsWith("is valid\n");
    }

    @Test
    void aTaskWithoutAResourceIsSeen() throws Exception {
        ObjectNode definition = deployed();
        ((ObjectNode) definition.at("/States/ReadVerdict")).remove("Resource");
        assertThat(validated(definition)).contains("/States/ReadVerdict");
    }

    @Test
    void aWayThatLeadsNowhereIsSeen() throws Exception {
        ObjectNode definition = deployed();
        ((ObjectNode) definition.at("/States/ReadVerdict")).put("Next", "Nowhere");
        assertThat(validated(definition)).contains("MISSING_TRANSITION_TARGET");
    }

    @Test
    void aFieldOfJsonPathIsSeen() throws Exception {
        ObjectNode definition = deployed();
        ((ObjectNode) definition.at("/States/ReadVerdict")).put("ResultPath", "$.verdict");
        assertThat(validated(definition)).contains("/States/ReadVerdict");
    }

    /** With values for all placeholders. */
    private static ObjectNode deployed() throws IOException {
        String text = MACHINE.path("DefinitionString").textValue();
        for (Map.Entry<String, JsonNode> value :
                MACHINE.path("DefinitionSubstitutions").properties()) {
            String given = value.getValue().isTextual() ? value.getValue().textValue() : "aws";
            text = text.replace("${" + value.getKey() + "}", given);
        }
        return (ObjectNode) StackTemplate.JSON.readTree(text);
    }

    private static String validated(JsonNode definition) throws IOException, InterruptedException {
        Path file = Files.createTempFile(temporary, "definition", ".asl.json");
        StackTemplate.JSON.writeValue(file.toFile(), definition);
        return output(List.of(validator.toString(), "--json-path", file.toString()));
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return output;
    }
}
