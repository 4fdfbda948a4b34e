package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@code inputs} as an object with a nested array for each input, or as the nested array of the only one. */
final class ColumnsReader {
    private static final String FIELD = "inputs";

    private final JsonParser parser;
    private final List<TensorSpec> specs;
    private final TensorRoom room;
    private final Problems problems;

    ColumnsReader(JsonParser parser, List<TensorSpec> specs, TensorRoom room, Problems problems) {
        this.parser = parser;
        this.specs = specs;
        this.room = room;
        this.problems = problems;
    }

    /** The parser stands in the object that begins here. */
    Map<String, Tensor> readNamed() throws IOException {
        Map<String, TensorSpec> known = specs.stream().collect(Collectors.toMap(TensorSpec::name, spec -> spec));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Set<String> named = new LinkedHashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            TensorSpec spec = known.get(name);
            if (spec == null) {
                problems.add(FIELD, "names", "inputs out of " + names(), Excerpt.quoted(name));
                parser.skipChildren();
            } else {
                named.add(name);
                NestedReader values = new NestedReader(parser, spec, room, problems);
                values.read(FIELD + "." + name);
                values.tensor().ifPresent(tensor -> tensors.put(name, tensor));
            }
        }
        for (TensorSpec spec : specs) {
            if (!named.contains(spec.name())) {
                problems.add(spec.name(), "is", spec.type() + " " + spec.shape(), "missing");
            }
        }
        return tensors;
    }

    /**
     * The value of a model's only input.
     *
     * @param entered whether the parser has gone on to the first token of an array; else it stands at the value
     */
    Map<String, Tensor> readOnly(boolean entered) throws IOException {
        if (specs.size() != 1) {
            problems.add(FIELD, "is", "an object with " + names() + ", or a list of tensors", "an array or a value");
            skip(entered);
            return Map.of();
        }
        TensorSpec spec = specs.get(0);
        NestedReader values = new NestedReader(parser, spec, room, problems);
        if (entered) {
            values.readEntered(FIELD);
        } else {
            values.read(FIELD);
        }
        return values.tensor().map(tensor -> Map.of(spec.name(), tensor)).orElse(Map.of());
    }

    private void skip(boolean entered) throws IOException {
        parser.skipChildren();
        while (entered && parser.nextToken() != JsonToken.END_ARRAY) {
            parser.skipChildren();
        }
    }

    private List<String> names() {
        return specs.stream().map(TensorSpec::name).toList();
    }
}
