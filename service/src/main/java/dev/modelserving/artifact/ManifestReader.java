package dev.modelserving.artifact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code manifest.json}, which anybody may have written: bounded depth and lengths, no duplicate keys, and of each
 * field only the one form that it has. Fields that it does not know are ignored, and so is null for an optional one.
 */
final class ManifestReader {
    private static final int DEEPEST = 16;
    private static final int LONGEST_TEXT = 4096;
    private static final int LONGEST_REASON = 300;

    /** Where in Jackson's messages begins what only its own users understand. */
    private static final List<String> FOR_DEVELOPERS =
            List.of(" (start marker at ", ": enable `JsonReadFeature", ", from `StreamReadConstraints");

    /** What the registry's numbers hold: DynamoDB developer guide, "Supported data types". */
    private static final int MOST_DIGITS = 38;

    private static final int SMALLEST_EXPONENT = -130;
    private static final int LARGEST_EXPONENT = 125;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_TEXT)
                    .build())
            .build();

    private final Map<String, Object> document;

    private ManifestReader(Map<String, Object> document) {
        this.document = document;
    }

    /** @throws IllegalArgumentException when a field has not its form */
    static Manifest read(byte[] json) throws IOException {
        if (json.length > Manifest.LONGEST_BYTES) {
            throw new IllegalArgumentException("it has more than " + Manifest.LONGEST_BYTES + " bytes");
        }
        try (JsonParser parser = FACTORY.createParser(json)) {
            parser.nextToken();
            Map<String, Object> document = object("it", value(parser));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("it goes on after the document");
            }
            return new ManifestReader(document).manifest();
        }
    }

    /** In words that do not speak of the parser. */
    static String reason(Exception e) {
        if (!(e instanceof JsonProcessingException json)) {
            return Excerpt.of(String.valueOf(e.getMessage()), LONGEST_REASON);
        }
        String message = String.valueOf(json.getOriginalMessage());
        for (String marker : FOR_DEVELOPERS) {
            int begin = message.indexOf(marker);
            message = begin < 0 ? message : message.substring(0, begin);
        }
        return "no valid JSON: " + Excerpt.of(message, LONGEST_REASON);
    }

    private Manifest manifest() {
        List<ArtifactFile> files = new ArrayList<>();
        for (Object entry : list("files", document.get("files"))) {
            Map<String, Object> file = object("files[" + files.size() + "]", entry);
            files.add(new ArtifactFile(
                    text("path", file.get("path")),
                    text("sha256", file.get("sha256")),
                    wholeNumber("sizeBytes", file.get("sizeBytes"))));
        }
        return new Manifest(
                ModelRef.of(text("modelId", document.get("modelId")), wholeNumber("version", document.get("version"))),
                files,
                document.containsKey("examples") ? text("examples", document.get("examples")) : null,
                document.containsKey("description") ? text("description", document.get("description")) : "",
                new Manifest.Details(largestBatch(), batching(), metrics(), lineage()));
    }

    private @Nullable Integer largestBatch() {
        if (!document.containsKey("maxBatchSize")) {
            return null;
        }
        long size = wholeNumber("maxBatchSize", document.get("maxBatchSize"));
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("maxBatchSize " + size + " (expected: 1 to " + Integer.MAX_VALUE + ")");
        }
        return (int) size;
    }

    private Manifest.Batching batching() {
        if (!document.containsKey("batching")) {
            return Manifest.Batching.AUTO;
        }
        String text = text("batching", document.get("batching"));
        for (Manifest.Batching batching : Manifest.Batching.values()) {
            if (batching.text().equals(text)) {
                return batching;
            }
        }
        throw new IllegalArgumentException("batching " + Excerpt.quoted(text) + " (expected: auto, on or off)");
    }

    private Map<String, Object> metrics() {
        return document.containsKey("metrics") ? object("metrics", document.get("metrics")) : Map.of();
    }

    private Map<String, String> lineage() {
        Map<String, String> lineage = new HashMap<>();
        if (document.containsKey("lineage")) {
            object("lineage", document.get("lineage"))
                    .forEach((name, value) -> lineage.put(name, text("lineage." + Excerpt.of(name), value)));
        }
        return lineage;
    }

    private static String text(String name, @Nullable Object value) {
        if (value instanceof String text && text.length() <= LONGEST_TEXT) {
            return text;
        }
        throw unexpected(name, value, "a string of at most " + LONGEST_TEXT + " characters");
    }

    private static long wholeNumber(String name, @Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw unexpected(name, value, "a whole number");
    }

    private static List<?> list(String name, @Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw unexpected(name, value, "an array");
    }

    private static Map<String, Object> object(String name, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw unexpected(name, value, "an object");
        }
        Map<String, Object> object = new LinkedHashMap<>();
        map.forEach((key, field) -> object.put(String.valueOf(key), field));
        return object;
    }

    private static IllegalArgumentException unexpected(String name, @Nullable Object value, String expected) {
        String kind = value == null ? "not set" : Excerpt.quoted(value.toString());
        return new IllegalArgumentException(name + " is " + kind + " (expected: " + expected + ")");
    }

    /** The value that the parser stands at: a string, a boolean, Long, BigDecimal, a list or a map; null for null. */
    private static @Nullable Object value(JsonParser parser) throws IOException {
        if (parser.currentToken() == null) {
            throw new IllegalArgumentException("it is empty");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            default -> null;
        };
    }

    private static Map<String, Object> fields(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            Object value = value(parser);
            if (value != null) {
                fields.put(name, value);
            }
        }
        return fields;
    }

    private static List<Object> elements(JsonParser parser) throws IOException {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object value = value(parser);
            if (value == null) {
                throw new IllegalArgumentException("null in an array (expected: a value)");
            }
            elements.add(value);
        }
        return elements;
    }

    private static Object number(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return parser.getLongValue();
        }
        BigDecimal number = parser.getDecimalValue();
        long exponent = (long) number.precision() - number.scale() - 1;
        if (number.signum() != 0
                && (number.precision() > MOST_DIGITS || exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "the number %s (expected: at most %d digits, from 1e%d to 1e%d)",
                    Excerpt.of(parser.getText()),
                    MOST_DIGITS,
                    SMALLEST_EXPONENT,
                    LARGEST_EXPONENT));
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }
}
