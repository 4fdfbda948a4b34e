package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** Reads the {@code shape} of one tensor. */
final class ShapeReader {
    static final int HIGHEST_RANK = 32;

    /** What each dimension has to be. */
    static final String DIMENSION = "a whole number from 0, at most " + HIGHEST_RANK + " of them";

    private ShapeReader() {}

    /** The parser stands at the array, and at its end afterwards. Nothing when there were problems. */
    static Optional<Shape> read(JsonParser parser, String where, Problems problems) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add(where, "is", "an array of whole numbers", Json.kind(parser));
            parser.skipChildren();
            return Optional.empty();
        }
        long[] dimensions = new long[HIGHEST_RANK];
        int rank = 0;
        boolean valid = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (whole && parser.getLongValue() >= 0 && rank < HIGHEST_RANK) {
                dimensions[rank] = parser.getLongValue();
            } else {
                String actual = parser.currentToken().isNumeric() ? Excerpt.of(parser.getText()) : Json.kind(parser);
                problems.add(where + "[" + rank + "]", "is", DIMENSION, actual);
                parser.skipChildren();
                valid = false;
            }
            rank++;
        }
        return valid ? Optional.of(Shape.of(Arrays.copyOf(dimensions, rank))) : Optional.empty();
    }
}
