package dev.modelserving.infra;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** cfn-lint and checkov, which {@code test/policy/setup.sh} installs, on any number of templates at once. */
final class PolicyTools {
    /** That CDK joins strings where {@code Fn::Sub} would be nicer to read. */
    private static final String FN_JOIN = "I1022";

    /** It knows neither placeholders nor JSONata in TimeoutSeconds; {@link DefinitionIT} checks what is deployed. */
    private static final String STATE_MACHINE_DEFINITION = "E3601";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a tool says about a resource of a template. */
    record Finding(String rule, String template, String resource) {}

    private final Path folder;
    private final Map<String, JsonNode> templates = new TreeMap<>();

    /** @param folder for the templates */
    PolicyTools(Path folder) {
        this.folder = folder;
    }

    /** @param name where it is in the folder, without an extension */
    void add(String name, JsonNode template) throws IOException {
        templates.put(name, template);
        Path file = folder.resolve(name + ".json");
        Files.createDirectories(file.getParent());
        JSON.writeValue(file.toFile(), template);
    }

    /** What cfn-lint finds: errors, warnings and whatever else it has to say, but for two rules. */
    Set<Finding> cfnLint() throws IOException, InterruptedException {
        JsonNode results = run("cfn-lint", "-f", "json", "-c", "I", "-i", FN_JOIN, STATE_MACHINE_DEFINITION, "--");
        Set<Finding> findings = new LinkedHashSet<>();
        for (JsonNode result : results) {
            findings.add(new Finding(
                    result.at("/Rule/Id").asText(),
                    name(result.path("Filename").asText()),
                    result.at("/Location/Path/1").asText()));
        }
        return findings;
    }

    /** What checkov finds, but for what is skipped. */
    Set<Finding> checkov() throws IOException, InterruptedException {
        JsonNode results = run(
                "checkov",
                "--framework",
                "cloudformation",
                "--compact",
                "--quiet",
                "--skip-download",
                "-o",
                "json",
                "-f");
        assertThat(results.at("/summary/parsing_errors").asInt()).isZero();
        assertThat(results.at("/summary/resource_count").asInt())
                .isEqualTo(templates.values().stream()
                        .mapToInt(template -> template.path("Resources").size())
                        .sum());
        Set<Finding> findings = new LinkedHashSet<>();
        for (JsonNode failed : results.at("/results/failed_checks")) {
            String resource = failed.path("resource").asText();
            findings.add(new Finding(
                    failed.path("check_id").asText(),
                    name(failed.path("file_path").asText().substring(1)),
                    resource.substring(resource.lastIndexOf('.') + 1)));
        }
        return findings;
    }

    private JsonNode run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(bin().resolve(program).toString()));
        command.addAll(List.of(arguments));
        templates.keySet().forEach(name -> command.add(name + ".json"));
        return JSON.readTree(output(new ProcessBuilder(command).directory(folder.toFile())));
    }

    private static Path bin() throws IOException, InterruptedException {
        return Path.of(output(new ProcessBuilder("../test/policy/setup.sh")).strip());
    }

    private static String output(ProcessBuilder program) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("policy", ".log");
        Process process = program.redirectError(errors.toFile()).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(output)
                    .as(() -> program.command().get(0) + ": " + read(errors))
                    .isNotBlank();
            return output;
        } finally {
            process.destroyForcibly();
            Files.delete(errors);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String name(String file) {
        return file.replace(".json", "");
    }
}
