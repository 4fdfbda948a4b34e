package dev.modelserving.infra.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.modelserving.infra.settings.StageSettings.Data;
import dev.modelserving.infra.settings.StageSettings.Door;
import dev.modelserving.infra.settings.StageSettings.Network;
import dev.modelserving.infra.settings.StageSettings.Observability;
import dev.modelserving.infra.settings.StageSettings.Service;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads the settings of a stage, and refuses them with all their faults at once. Reads nothing but the file. */
public final class StageFile {
    private static final Pattern STAGE = Pattern.compile("[a-z][a-z0-9]{0,15}");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String stage;
    private final List<String> faults = new ArrayList<>();

    private StageFile(String stage) {
        this.stage = stage;
    }

    /**
     * Reads {@code <stage>.yaml} in a folder.
     *
     * @throws SettingsException with every fault
     */
    public static StageSettings read(Path folder, String stage) {
        Path file = folder.resolve(stage + ".yaml");
        if (!STAGE.matcher(stage).matches()) {
            throw new SettingsException(
                    "-c stage=" + stage,
                    List.of("stage: '%s' (expected: 1 to 16 lower-case letters and digits, a letter first)"
                            .formatted(stage)));
        }
        if (!Files.isRegularFile(file)) {
            throw new SettingsException(
                    "-c stage=" + stage,
                    List.of("stage: '%s' (expected: one of %s, the files in %s)"
                            .formatted(stage, String.join(", ", stages(folder)), folder)));
        }
        try {
            return parse(stage, Files.readString(file));
        } catch (CharacterCodingException e) {
            throw fault(stage, "the file: not UTF-8 (expected: YAML in UTF-8)");
        } catch (IOException e) {
            throw fault(stage, "the file: %s (expected: a file that can be read)".formatted(e.getMessage()));
        }
    }

    /** Reads the text of a stage's file. */
    public static StageSettings parse(String stage, String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw fault(stage, syntax(e));
        }
        if (root.isMissingNode() || root.isNull()) {
            throw fault(stage, "the file: empty (expected: fields, at least region)");
        }
        StageFile file = new StageFile(stage);
        StageSettings settings = file.settings(root);
        if (!file.faults.isEmpty()) {
            throw new SettingsException(stage + ".yaml", file.faults);
        }
        return settings;
    }

    private static SettingsException fault(String stage, String fault) {
        return new SettingsException(stage + ".yaml", List.of(fault));
    }

    /** Without the lines around it, which the position tells. */
    private static String syntax(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException yaml && yaml.getProblemMark() != null) {
            return "line %d, column %d: %s"
                    .formatted(
                            yaml.getProblemMark().getLine() + 1,
                            yaml.getProblemMark().getColumn() + 1,
                            yaml.getProblem());
        }
        String problem = e instanceof MismatchedInputException
                ? "a second document (expected: one)"
                : e.getOriginalMessage().lines().findFirst().orElse("no YAML");
        return "line %d, column %d: %s"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), problem);
    }

    private static List<String> stages(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private StageSettings settings(JsonNode root) {
        Fields fields = new Fields("", root, faults::add);
        Place place = new Place(
                fields.required("region", REGION, "an AWS region such as eu-west-1"),
                fields.text("account", ACCOUNT, "12 digits"));
        Fields observability = fields.object("observability");
        Network network = NetworkSection.read(fields.object("network"), place);
        Data data = DataSection.read(fields.object("data"), place);
        Service service = ServiceSection.read(fields.object("service"));
        StageSettings settings = new StageSettings(
                stage,
                place.region(),
                place.account(),
                network,
                data,
                service,
                WorkflowSection.read(fields.object("workflow"), service),
                door(fields.object("door")),
                ObservabilitySection.read(observability, place));
        timesOut(observability, settings.observability(), settings.service());
        fields.nothingElse();
        return settings;
    }

    private static Door door(Fields fields) {
        Door door = new Door(fields.flag("enabled", false), fields.integer("requestsPerSecond", 1, 10_000, 100));
        fields.nothingElse();
        return door;
    }

    /** A request that took longer was refused by then. */
    private static void timesOut(Fields fields, Observability observability, Service service) {
        if (observability.latencyP99().compareTo(service.requestTimeout()) > 0) {
            fields.fault(
                    "latencyP99",
                    Fields.written(observability.latencyP99()),
                    "at most service.requestTimeout, " + Fields.written(service.requestTimeout()));
        }
    }
}
