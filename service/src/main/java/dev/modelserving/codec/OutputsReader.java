package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.ModelSignature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads which outputs a request asks for, and how it wants them. For one request. */
final class OutputsReader {
    private static final String BINARY = "binary_data";
    private static final String CLASSES = "classification";

    private final JsonParser parser;
    private final ModelSignature signature;
    private final Set<String> known;
    private final Problems problems;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Boolean> binary = new HashMap<>();
    private final Map<String, Integer> classes = new HashMap<>();

    /** @param takesBinary whether outputs may be asked for in binary; else that is ignored */
    OutputsReader(JsonParser parser, ModelSignature signature, boolean takesBinary, Problems problems) {
        this.parser = parser;
        this.signature = signature;
        this.known = takesBinary ? Set.of(BINARY, CLASSES) : Set.of(CLASSES);
        this.problems = problems;
    }

    /** In the order of the request; none: all. */
    List<String> names() {
        return names;
    }

    OutputForms forms(boolean binaryByDefault) {
        return new OutputForms(binaryByDefault, binary, classes);
    }

    /** The parser stands at the array, or at null, which asks for nothing in particular. */
    void read() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add("outputs", "is", "an array of objects with a name", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
            readOutput("outputs[" + index + "]");
        }
    }

    /** How one output is wanted. */
    private static final class Wanted {
        private @Nullable String name;
        private Optional<Boolean> isBinary = Optional.empty();
        private OptionalLong classes = OptionalLong.empty();
    }

    private void readOutput(String where) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            problems.add(where, "is", "an object with a name", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        Wanted wanted = new Wanted();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("name") && parser.currentToken() == JsonToken.VALUE_STRING) {
                wanted.name = parser.getText();
            } else if (field.equals("parameters")) {
                readParameters(where, wanted);
            } else {
                parser.skipChildren();
            }
        }
        add(where, wanted);
    }

    private void readParameters(String where, Wanted wanted) throws IOException {
        if (!Parameters.begin(parser, where, problems)) {
            return;
        }
        while (Parameters.next(parser, known)) {
            if (parser.currentName().equals(BINARY)) {
                wanted.isBinary = Parameters.flag(parser, where, BINARY, problems);
            } else {
                wanted.classes =
                        Parameters.wholeNumber(parser, where, CLASSES, 0, "how many classes, or 0 for none", problems);
            }
        }
    }

    private void add(String where, Wanted wanted) {
        String name = wanted.name;
        if (name == null || signature.output(name).isEmpty()) {
            String actual = name == null ? "missing" : Excerpt.quoted(name);
            problems.add(where, "name is", "one of " + signature.outputNames(), actual);
        } else if (names.contains(name)) {
            problems.add(where, "asks for an output again:", "each output once", Excerpt.quoted(name));
        } else {
            names.add(name);
            wanted.isBinary.ifPresent(said -> binary.put(name, said));
            wanted.classes.ifPresent(count -> {
                if (count > 0) {
                    classes.put(name, (int) Math.min(count, Integer.MAX_VALUE));
                }
            });
        }
    }
}
