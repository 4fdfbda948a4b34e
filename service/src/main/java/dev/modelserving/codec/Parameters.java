package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

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

    /** Goes on to the value of that name, which the caller passes; false at the end of the object. */
    static boolean next(JsonParser parser, String name) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            if (key.equals(name)) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }
}
