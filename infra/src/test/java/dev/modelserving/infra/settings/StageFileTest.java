package dev.modelserving.infra.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.infra.service.TaskSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stage's file may say, and what is said about one that may not. */
class StageFileTest {
    /** Paragraphs of {@code wrong-settings.txt}: a title, a file, and every fault that it has. */
    static Stream<Arguments> wrongSettings() throws IOException {
        try (InputStream file = StageFileTest.class.getResourceAsStream("/wrong-settings.txt")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("\n\n", -1)).map(StageFileTest::paragraph);
        }
    }

    private static Arguments paragraph(String paragraph) {
        List<String> lines = paragraph.lines().toList();
        List<String> file = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            if (line.startsWith("=> ")) {
                faults.add(line.substring(3));
            } else {
                file.add(line);
            }
        }
        return Arguments.of(lines.get(0).substring(2), String.join("\n", file) + "\n", faults);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongSettings")
    void everyFaultIsToldAtOnce(String title, String file, List<String> faults) {
        assertThat(faults(file)).containsExactlyElementsOf(faults);
    }

    @Test
    void theMessageNamesTheFileAndHasALineForEachFault() {
        assertThat(refusal("region: eu\ndoor: 1\n")).hasMessage("""
                dev.yaml:
                  region: 'eu' (expected: an AWS region such as eu-west-1)
                  door: 1 (expected: an object with fields)""");
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThat(faults("")).containsExactly("the file: empty (expected: fields, at least region)");
    }

    @Test
    void aTabIsRefusedByItsPlace() {
        assertThat(faults("region: eu-west-1\nservice:\n\tspot: true\n"))
                .singleElement()
                .asString()
                .startsWith("line 3, column 1: ")
                .contains("TAB");
    }

    @Test
    void aByteThatIsNoCharacterOfYamlIsRefused() {
        assertThat(faults("region: eu-west-1\u0000\n"))
                .singleElement()
                .asString()
                .contains("special characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n"})
    void linesEndAsOnWindowsOrNot(String end) {
        StageSettings settings = StageFile.parse(
                "dev", String.join(end, "region: eu-west-1", "service:", "  allowFrom:", "    - 10.40.0.0/16", ""));
        assertThat(settings.region()).isEqualTo("eu-west-1");
        assertThat(settings.service().allowFrom()).containsExactly("10.40.0.0/16");
    }

    @Test
    void aByteOrderMarkIsNoFault() {
        assertThat(StageFile.parse("dev", "\ufeffregion: eu-west-1\n").region()).isEqualTo("eu-west-1");
    }

    @Test
    void onlyTheRegionHasToBeSaid() {
        StageSettings settings = StageFile.parse("dev", "region: eu-west-1\n");
        assertThat(settings.data().keep()).isTrue();
        assertThat(settings.door().enabled()).isFalse();
        assertThat(settings.network().natGateways()).isZero();
        assertThat(settings.service().allowFrom()).isEmpty();
        assertThat(settings.service().stopTimeout()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void verificationsHaveTheSizeOfTheServiceUnlessTheyAreGivenTheirOwn() {
        String service = "region: eu-west-1\nservice: {cpu: 2048, memory: 8192, ephemeralStorage: 50}\n";
        StageSettings settings = StageFile.parse("dev", service);
        assertThat(settings.workflow().size()).isEqualTo(settings.service().size());
        assertThat(settings.workflow().ephemeralStorage()).isEqualTo(50);
        StageSettings.Workflow own = StageFile.parse(
                        "dev", service + "workflow: {memory: 4096, ephemeralStorage: 30}\n")
                .workflow();
        assertThat(own.size()).isEqualTo(new TaskSize(2048, 4096));
        assertThat(own.ephemeralStorage()).isEqualTo(30);
    }

    @Test
    void theWorkflowIsThereAndStartsByItself() {
        StageSettings.Workflow workflow =
                StageFile.parse("dev", "region: eu-west-1\n").workflow();
        assertThat(workflow.enabled()).isTrue();
        assertThat(workflow.onManifest()).isTrue();
        assertThat(workflow.verifyWithin()).isEqualTo(Duration.ofMinutes(30));
        assertThat(workflow.serveWithin()).isEqualTo(Duration.ofMinutes(5));
        assertThat(workflow.retryDelay()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void aSectionWithoutFieldsIsAsIfItWereNotThere() {
        assertThat(StageFile.parse("dev", "region: eu-west-1\nservice:\n  # spot: true\ndoor:\n"))
                .isEqualTo(StageFile.parse("dev", "region: eu-west-1\n"));
    }

    @Test
    void aVariableMayBeEmpty() {
        assertThat(StageFile.parse("dev", "region: eu-west-1\nservice:\n  environment:\n    EMPTY: \"\"\n")
                        .service()
                        .environment())
                .containsEntry("EMPTY", "");
    }

    @Test
    void aStageOfThatNameHasToBeThere(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("dev.yaml"), "region: eu-west-1\n");
        Files.writeString(folder.resolve("prod.yaml"), "region: eu-west-1\n");
        Files.writeString(folder.resolve("notes.txt"), "");
        SettingsException refusal =
                catchThrowableOfType(SettingsException.class, () -> StageFile.read(folder, "staging"));
        assertThat(refusal.faults())
                .containsExactly("stage: 'staging' (expected: one of dev, prod, the files in %s)".formatted(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Prod", "1st", "../prod", "my-stage", "aStageWithTooLongAName"})
    void aStagesNameFitsIntoNamesOfStacks(String name, @TempDir Path folder) {
        SettingsException refusal = catchThrowableOfType(SettingsException.class, () -> StageFile.read(folder, name));
        assertThat(refusal.faults())
                .containsExactly("stage: '%s' (expected: 1 to 16 lower-case letters and digits, a letter first)"
                        .formatted(name));
    }

    @Test
    void aFileInAnotherEncodingIsRefused(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("dev.yaml"), "region: é\n".getBytes(StandardCharsets.ISO_8859_1));
        SettingsException refusal = catchThrowableOfType(SettingsException.class, () -> StageFile.read(folder, "dev"));
        assertThat(refusal.faults()).containsExactly("the file: not UTF-8 (expected: YAML in UTF-8)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void theStagesOfTheRepositoryAreRight(String stage) {
        assertThat(StageFile.read(Path.of("stages"), stage).stage()).isEqualTo(stage);
    }

    private static List<String> faults(String file) {
        return refusal(file).faults();
    }

    private static SettingsException refusal(String file) {
        SettingsException refusal = catchThrowableOfType(SettingsException.class, () -> StageFile.parse("dev", file));
        assertThat(refusal).as("a refusal of %s", file).isNotNull();
        return refusal;
    }
}
