package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the workflow for platforms calls is in this repository. */
class WorkflowTest {
    private static final Path ROOT = Path.of("..");
    private static final Path FILE = ROOT.resolve(".github/workflows/infra.yml");

    private static JsonNode workflow;
    private static List<String> commands;

    @BeforeAll
    static void read() throws IOException {
        workflow = new YAMLMapper().readTree(Files.readString(FILE));
        commands = workflow.findValuesAsText("run");
    }

    @Test
    void itsCommandsAreOfKnownKinds() {
        assertThat(commands)
                .isNotEmpty()
                .allMatch(command -> command.matches("(npm ci|npx cdk|mvn|python3|cat diff.txt)( .*)?"));
    }

    @Test
    void itsScriptsExist() {
        assertThat(words("python3 (\\S+)")).isNotEmpty().allMatch(script -> Files.isRegularFile(ROOT.resolve(script)));
    }

    @Test
    void itsModulesExist() {
        assertThat(words("-pl (\\S+)"))
                .isNotEmpty()
                .allMatch(module -> Files.isRegularFile(ROOT.resolve(module).resolve("pom.xml")));
    }

    @Test
    void itsStagesExist() {
        List<String> stages = words("stage=(\\w+)");
        workflow.at("/jobs/diff/strategy/matrix/stage").forEach(stage -> stages.add(stage.asText()));
        assertThat(stages).isNotEmpty().allMatch(stage -> Files.isRegularFile(Path.of("stages", stage + ".yaml")));
    }

    @Test
    void theCliItCallsIsInstalledByNpm() throws IOException {
        assertThat(new ObjectMapper()
                        .readTree(Files.readString(ROOT.resolve("package.json")))
                        .at("/devDependencies/aws-cdk")
                        .asText())
                .matches("[0-9.]+");
    }

    @Test
    void itsActionsHaveVersions() {
        assertThat(workflow.findValuesAsText("uses"))
                .isNotEmpty()
                .allMatch(action -> action.matches("[\\w-]+/[\\w-]+@v[0-9]+\\.[0-9]+\\.[0-9]+"));
    }

    @Test
    void namesNoAccount() throws IOException {
        assertThat(Files.readString(FILE)).doesNotContainPattern("[0-9]{12}");
    }

    private static List<String> words(String pattern) {
        return new ArrayList<>(commands.stream()
                .flatMap(command -> Pattern.compile(pattern).matcher(command).results())
                .map((MatchResult found) -> found.group(1))
                .toList());
    }
}
