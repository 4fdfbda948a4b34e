package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The parameters of a request, an input or an output of the Open Inference Protocol; unknown ones are ignored. */
final class Parameters {
    private Parameters() {}

    /** Whether the parser stands at an object. Null is none; anything else is a problem, and is passed. */
    static boolean begin(JsonParser parser, String where, Problems problems) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            return true;
        }
        if (parser.currentToken() != JsonToken.VALUE_NULL) {
            problems.add(where, "parameters is", "an object", Json.kind(parser));
            parser.skipChildren();
        }
        return false;
    }

    /** Goes on to the value of one of those names, which the caller passes; false at the end of the object. */
    static boolean next(JsonParser parser, Set<String> names) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            if (names.contains(key)) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    /** The truth value at which the parser stands. */
    static Optional<Boolean> flag(JsonParser parser, String where, String name, Problems problems) throws IOException {
        if (parser.currentToken().isBoolean()) {
            return Optional.of(parser.getBooleanValue());
        }
        problems.add(where, name + " is", "true or false", Json.kind(parser));
        parser.skipChildren();
        return Optional.empty();
    }

    /**
     * The whole number at which the parser stands.
     *
     * @param expected what it should be, of {@code least} at least
     */
    static OptionalLong wholeNumber(
            JsonParser parser, String where, String name, long least, String expected, Problems problems)
            throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && parser.getLongValue() >= least) {
            return OptionalLong.of(parser.getLongValue());
        }
        String actual = parser.currentToken().isNumeric() ? Excerpt.of(parser.getText()) : Json.kind(parser);
        problems.add(where, name + " is", expected, actual);
        parser.skipChildren();
        return OptionalLong.empty();
    }
}
