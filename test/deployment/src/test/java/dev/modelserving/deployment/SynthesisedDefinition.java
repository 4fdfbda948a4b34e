package dev.modelserving.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The definition of a state machine, with everything in the place that CloudFormation puts it in. */
public final class SynthesisedDefinition {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

    private SynthesisedDefinition() {}

    /**
     * The one state machine of a template.
     *
     * @param assembly the folder with the template and with the files that it names
     * @param values for the substitutions that CloudFormation alone can make, and in place of any other
     */
    public static String read(Path assembly, String template, Map<String, String> values) throws IOException {
        List<JsonNode> machines = new ArrayList<>();
        Json.parse(Files.readString(assembly.resolve(template)))
                .path("Resources")
                .forEach(resource -> {
                    if (resource.path("Type").asText().equals("AWS::StepFunctions::StateMachine")) {
                        machines.add(resource.path("Properties"));
                    }
                });
        if (machines.size() != 1) {
            throw new IllegalArgumentException(
                    template + ": " + machines.size() + " state machines (expected: exactly 1)");
        }
        JsonNode machine = machines.get(0);
        return substitute(text(assembly, machine), machine.path("DefinitionSubstitutions"), values);
    }

    /** Puts values for placeholders; those of the template, if they are no intrinsic functions, unless others are given. */
    public static String substitute(String definition, JsonNode substitutions, Map<String, String> given) {
        Map<String, String> values = new TreeMap<>();
        List<String> unknown = new ArrayList<>();
        substitutions.properties().forEach(substitution -> {
            if (substitution.getValue().isValueNode()) {
                values.put(substitution.getKey(), substitution.getValue().asText());
            } else if (!given.containsKey(substitution.getKey())) {
                unknown.add(substitution.getKey() + " (" + substitution.getValue() + ")");
            }
        });
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no value is given for " + String.join(", ", unknown));
        }
        given.forEach((name, value) -> {
            if (!substitutions.has(name)) {
                throw new IllegalArgumentException("the template substitutes nothing for " + name);
            }
            values.put(name, value);
        });
        return replace(definition, values);
    }

    private static String replace(String definition, Map<String, String> values) {
        TreeSet<String> missing = new TreeSet<>();
        TreeSet<String> unused = new TreeSet<>(values.keySet());
        String replaced = PLACEHOLDER.matcher(definition).replaceAll(match -> {
            String name = match.group(1);
            unused.remove(name);
            if (!values.containsKey(name)) {
                missing.add(name);
                return "";
            }
            return Matcher.quoteReplacement(values.get(name));
        });
        if (!missing.isEmpty() || !unused.isEmpty()) {
            throw new IllegalArgumentException("placeholders without a substitution: " + missing
                    + ", substitutions without a placeholder: " + unused);
        }
        return replaced;
    }

    private static String text(Path assembly, JsonNode machine) throws IOException {
        JsonNode text = machine.path("DefinitionString");
        if (text.isTextual()) {
            return text.asText();
        }
        String key = machine.at("/DefinitionS3Location/Key").asText();
        if (key.isEmpty()) {
            throw new IllegalArgumentException("no definition that stands in the template or beside it: " + machine);
        }
        return Files.readString(assembly.resolve("asset." + key));
    }
}
