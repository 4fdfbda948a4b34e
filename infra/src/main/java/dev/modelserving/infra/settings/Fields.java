package dev.modelserving.infra.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one object of a settings file, read one by one. What is wrong with a field is remembered and a harmless
 * value returned; the caller never sees it, because the file is refused in the end.
 */
final class Fields {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6}) ?(s|m|h|d)");

    private final String path;
    private final JsonNode node;
    private final Consumer<String> faults;
    private final Set<String> known = new LinkedHashSet<>();
    /** Whether there is something here without fields, of which no field can be missing. */
    private final boolean something;

    Fields(String path, JsonNode node, Consumer<String> faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
        this.something = !node.isMissingNode() && !node.isNull() && !node.isObject();
        if (something) {
            faults.accept("%s: %s (expected: an object with fields)"
                    .formatted(path.isEmpty() ? "the file" : path, written(node)));
        }
    }

    boolean has(String name) {
        return !get(name).isMissingNode();
    }

    Fields object(String name) {
        return new Fields(path(name), get(name), faults);
    }

    @Nullable
    String text(String name, Pattern form, String expected) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return null;
        }
        return text(name, value, form, expected);
    }

    String text(String name, Pattern form, String expected, String otherwise) {
        String value = text(name, form, expected);
        return value == null ? otherwise : value;
    }

    String required(String name, Pattern form, String expected) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            if (!something) {
                fault(name, "missing", expected);
            }
            return "";
        }
        return text(name, value, form, expected);
    }

    List<String> texts(String name, Pattern form, String expected) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (!value.isArray()) {
            wrong(name, value, "a list, each " + expected);
            return List.of("");
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String text = text("%s[%d]".formatted(name, i), value.get(i), form, expected);
            if (!text.isEmpty() && texts.contains(text)) {
                wrong("%s[%d]".formatted(name, i), value.get(i), "no value twice");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    Map<String, String> strings(String name, Pattern key, String expected) {
        JsonNode value = get(name);
        Map<String, String> strings = new LinkedHashMap<>();
        if (value.isMissingNode()) {
            return strings;
        }
        if (!value.isObject()) {
            wrong(name, value, "an object with a string for each name");
            return strings;
        }
        value.properties().forEach(entry -> {
            String field = name + "." + entry.getKey();
            if (!key.matcher(entry.getKey()).matches()) {
                faults.accept("%s: name '%s' (expected: %s)".formatted(path(name), entry.getKey(), expected));
            } else if (!entry.getValue().isTextual()) {
                // YAML reads 010 as 8, and 1e3 as 1000.0.
                wrong(field, entry.getValue(), inQuotes(entry.getValue(), "a string"));
            } else {
                strings.put(entry.getKey(), entry.getValue().textValue());
            }
        });
        return strings;
    }

    int integer(String name, int least, int most, int otherwise) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
            wrong(name, value, "a whole number from %d to %d".formatted(least, most));
            return otherwise;
        }
        return value.intValue();
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            wrong(name, value, "true or false");
            return otherwise;
        }
        return value.booleanValue();
    }

    /** A constant is written in lower case with hyphens. */
    <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        for (E constant : type.getEnumConstants()) {
            if (value.isTextual() && written(constant).equals(value.textValue())) {
                return constant;
            }
        }
        wrong(
                name,
                value,
                Arrays.stream(type.getEnumConstants()).map(Fields::written).collect(Collectors.joining(" or ")));
        return otherwise;
    }

    Duration duration(String name, Duration least, Duration most, Duration otherwise) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        Matcher matcher = DURATION.matcher(value.isTextual() ? value.textValue() : "");
        if (matcher.matches()) {
            Duration duration = duration(Long.parseLong(matcher.group(1)), matcher.group(2));
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return duration;
            }
        }
        wrong(name, value, "from %s to %s, such as 25s, 2m, 1h or 90d".formatted(written(least), written(most)));
        return otherwise;
    }

    /** A field that makes no sense beside the others. */
    void absent(String name, String why) {
        JsonNode value = get(name);
        if (!value.isMissingNode()) {
            fault(name, value.isValueNode() ? written(value) : "given", "none, " + why);
        }
    }

    void expectNetwork(String name, Ipv4Block block) {
        if (!block.equals(block.network())) {
            fault(name, "'" + block + "'", block.network() + ", the block without bits of a host");
        }
    }

    /** A fault that several fields make together. */
    void fault(String name, Object came, String expected) {
        faults.accept("%s: %s (expected: %s)".formatted(path(name), came, expected));
    }

    /** To be called last: every field that was not asked for is a fault. */
    void nothingElse() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                faults.accept("%s: unknown (expected: %s)".formatted(path(name), String.join(", ", known)));
            }
        });
    }

    static String written(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds == 0) {
            return "0s";
        }
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static Duration duration(long amount, String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String text(String name, JsonNode value, Pattern form, String expected) {
        if (!value.isTextual() || !form.matcher(value.textValue()).matches()) {
            wrong(name, value, inQuotes(value, expected));
            return "";
        }
        return value.textValue();
    }

    private JsonNode get(String name) {
        known.add(name);
        JsonNode value = node.path(name);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    private void wrong(String name, JsonNode value, String expected) {
        fault(name, written(value), expected);
    }

    private static String written(JsonNode value) {
        return value.isTextual() ? "'" + value.textValue() + "'" : value.toString();
    }

    /** A number or true that was meant as text. */
    private static String inQuotes(JsonNode value, String expected) {
        return value.isNumber() || value.isBoolean() ? expected + ", in quotes" : expected;
    }

    private String path(String name) {
        return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
    }
}
