package dev.modelserving.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthesisedDefinitionTest {
    private static final String TEMPLATE = "stack.template.json";

    @TempDir
    private Path assembly;

    @Test
    void putsInWhatTheTemplateSaysAndWhatOnlyADeploymentKnows() throws Exception {
        write("""
                "DefinitionString": "${Seconds} in ${Table} and ${Table}",
                "DefinitionSubstitutions": {"Seconds": 15, "Table": {"Fn::ImportValue": "data:Table"}}""");
        assertThat(read(Map.of("Table", "a$1\\"))).isEqualTo("15 in a$1\\ and a$1\\");
    }

    @Test
    void aValueThatIsGivenCountsMoreThanThatOfTheTemplate() throws Exception {
        write("""
                "DefinitionString": "${Seconds}", "DefinitionSubstitutions": {"Seconds": "15"}""");
        assertThat(read(Map.of("Seconds", "0"))).isEqualTo("0");
    }

    @Test
    void readsADefinitionThatStandsBesideTheTemplate() throws Exception {
        write("""
                "DefinitionS3Location": {"Bucket": {"Fn::Sub": "assets-${AWS::Region}"}, "Key": "0af.json"}""");
        Files.writeString(assembly.resolve("asset.0af.json"), "beside");
        assertThat(read(Map.of())).isEqualTo("beside");
    }

    @Test
    void refusesAnIntrinsicFunctionForWhichNoValueIsGiven() throws Exception {
        write("""
                "DefinitionString": "${Table}", "DefinitionSubstitutions": {"Table": {"Ref": "Table"}}""");
        assertThatThrownBy(() -> read(Map.of())).hasMessage("no value is given for Table ({\"Ref\":\"Table\"})");
    }

    @Test
    void refusesAPlaceholderWithoutASubstitution() throws Exception {
        write("""
                "DefinitionString": "${Tabel}", "DefinitionSubstitutions": {"Table": "t"}""");
        assertThatThrownBy(() -> read(Map.of()))
                .hasMessage(
                        "placeholders without a substitution: [Tabel], substitutions without a placeholder: [Table]");
    }

    @Test
    void refusesAValueForNothing() throws Exception {
        write("""
                "DefinitionString": "no placeholder\"""");
        assertThatThrownBy(() -> read(Map.of("Table", "t"))).hasMessage("the template substitutes nothing for Table");
    }

    @Test
    void refusesATemplateWithoutAStateMachine() throws Exception {
        Files.writeString(assembly.resolve(TEMPLATE), "{}");
        assertThatThrownBy(() -> read(Map.of())).hasMessage(TEMPLATE + ": 0 state machines (expected: exactly 1)");
    }

    private String read(Map<String, String> values) throws IOException {
        return SynthesisedDefinition.read(assembly, TEMPLATE, values);
    }

    private void write(String properties) throws IOException {
        ObjectNode template = Json.object();
        ObjectNode resources = template.putObject("Resources");
        resources.putObject("Table").put("Type", "AWS::DynamoDB::Table");
        resources
                .putObject("Machine")
                .put("Type", "AWS::StepFunctions::StateMachine")
                .set("Properties", Json.parse("{" + properties + "}"));
        Files.writeString(assembly.resolve(TEMPLATE), template.toString());
    }
}
