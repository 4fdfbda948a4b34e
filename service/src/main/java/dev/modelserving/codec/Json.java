package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How JSON is read here, where it is not plain: UTF-8 only, no duplicate keys, bounded depth and lengths. */
final class Json {
    private static final int DEEPEST = 64;
    private static final int LONGEST_NAME = 10_000;
    private static final int LONGEST_NUMBER = 1_000;
    private static final int LONGEST_MESSAGE = 200;

    /** Where in Jackson's messages begins what only its own users understand. */
    private static final List<String> FOR_DEVELOPERS =
            List.of(" (start marker at ", ": enable `JsonReadFeature", ", from `StreamReadConstraints");

    static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(LONGEST_NAME)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .build();

    private Json() {}

    /** Reads a document that is in memory; what goes wrong is a fault of the document, told with those found before. */
    interface DocumentReader<T> {
        T read(JsonParser parser) throws IOException;
    }

    /**
     * Reads the whole of {@code body}.
     *
     * @throws InferenceException INVALID_INPUT with every fault, when it is no JSON document or {@code problems} has some
     */
    static <T> T read(RequestBody body, Problems problems, DocumentReader<T> reader) {
        try (InputStream bytes = new Utf8Stream(body.open(0));
                JsonParser parser = FACTORY.createParser(bytes)) {
            T document = reader.read(parser);
            if (parser.nextToken() != null) {
                problems.add("body", "goes on after the document with", "its end", kind(parser));
            }
            problems.throwIfAny();
            return document;
        } catch (IOException e) {
            problems.add("body", "is not valid JSON" + place(e) + ":", "a JSON document in UTF-8", reason(e));
            problems.throwIfAny();
            throw new IllegalStateException("a problem was lost", e);
        }
    }

    private static String place(IOException e) {
        JsonLocation location = e instanceof JsonProcessingException json ? json.getLocation() : null;
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static String reason(IOException e) {
        @Nullable
        String message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        String shown = String.valueOf(message);
        for (String marker : FOR_DEVELOPERS) {
            int begin = shown.indexOf(marker);
            shown = begin < 0 ? shown : shown.substring(0, begin);
        }
        return Excerpt.of(shown, LONGEST_MESSAGE);
    }

    /** What the parser stands at, for a message. */
    static String kind(JsonParser parser) {
        if (parser.currentToken() == null) {
            return "nothing";
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            default -> "the end of the document";
        };
    }
}
