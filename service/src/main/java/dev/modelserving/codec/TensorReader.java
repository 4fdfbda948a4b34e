package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the array of tensor objects of a request or a response, each against what the model declares of it. The fields
 * of a tensor may come in any order: data that comes before its name, datatype and shape is passed over and read again
 * from its place in the body once they are known.
 */
final class TensorReader {
    private static final String BINARY_SIZE = "binary_data_size";

    private final RequestBody body;
    private final TensorRoom room;
    private final String field;
    private final List<TensorSpec> specs;
    private final boolean binding;
    private final Optional<BinaryData> binary;
    private final Problems problems;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    private TensorReader(
            RequestBody body,
            TensorMemory memory,
            String field,
            List<TensorSpec> specs,
            boolean binding,
            Optional<BinaryData> binary,
            Problems problems) {
        this.body = body;
        this.room = new TensorRoom(memory, body.length());
        this.field = field;
        this.specs = specs;
        this.binding = binding;
        this.binary = binary;
        this.problems = problems;
    }

    /**
     * For the inputs of a request: every one must be there, in the shape that is declared.
     *
     * @param binary what lies behind the JSON, if inputs may lie there
     */
    static TensorReader ofInputs(
            RequestBody body,
            TensorMemory memory,
            Optional<BinaryData> binary,
            String field,
            List<TensorSpec> specs,
            Problems problems) {
        return new TensorReader(body, memory, field, specs, true, binary, problems);
    }

    /** For the outputs of a response: some may be left out, and their declared shapes may be wrong. */
    static TensorReader ofOutputs(
            RequestBody body, TensorMemory memory, String field, List<TensorSpec> specs, Problems problems) {
        return new TensorReader(body, memory, field, specs, false, Optional.empty(), problems);
    }

    /** The fields of one tensor object, as far as they were read. */
    private final class Fields {
        private final String where;
        private @Nullable String name;
        private @Nullable String datatype;
        private @Nullable Shape shape;
        private boolean dataSeen;
        private long dataOffset = -1;
        private OptionalLong binarySize = OptionalLong.empty();
        private @Nullable Tensor tensor;

        Fields(String where) {
            this.where = where;
        }

        TensorHead head() {
            return new TensorHead(where, name, datatype, shape);
        }

        boolean areComplete() {
            return head().isComplete(specs);
        }

        String label() {
            return head().label();
        }

        void noteShape() {
            if (head().hasDeclaredShape(specs)) {
                shapes.put(String.valueOf(name), Objects.requireNonNull(shape));
            }
        }
    }

    /** What the shapes are said to be, by name, of the tensors whose shape fits what the model declares. */
    Map<String, Shape> shapes() {
        return shapes;
    }

    /** The parser stands at the array, and at its end afterwards. */
    Map<String, Tensor> readAll(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add(field, "is", "an array of tensors", Json.kind(parser));
            parser.skipChildren();
            return Map.of();
        }
        parser.nextToken();
        return readEntered(parser);
    }

    /** The same when the parser has gone on to the first token of the array. */
    Map<String, Tensor> readEntered(JsonParser parser) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Set<String> named = new HashSet<>();
        for (int index = 0; parser.currentToken() != JsonToken.END_ARRAY; index++, parser.nextToken()) {
            Fields fields = readTensor(parser, field + "[" + index + "]");
            if (fields.name != null && named.contains(fields.name)) {
                problems.add(fields.label(), "is given again at", "each tensor once", fields.where);
            } else if (fields.name != null) {
                named.add(fields.name);
                fields.noteShape();
            }
            if (fields.name != null && fields.tensor != null) {
                tensors.put(fields.name, fields.tensor);
            }
        }
        reportMissing(named);
        return tensors;
    }

    /** When there is no array at all. */
    Map<String, Tensor> none() {
        reportMissing(Set.of());
        return Map.of();
    }

    private void reportMissing(Set<String> named) {
        for (TensorSpec spec : specs) {
            if (binding && !named.contains(spec.name())) {
                problems.add(spec.name(), "is", spec.type() + " " + spec.shape(), "missing");
            }
        }
    }

    private Fields readTensor(JsonParser parser, String where) throws IOException {
        Fields fields = new Fields(where);
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            problems.add(where, "is", "an object with name, shape, datatype and data", Json.kind(parser));
            parser.skipChildren();
            return fields;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "name" -> fields.name = text(parser, where + ".name");
                case "datatype" -> fields.datatype = text(parser, where + ".datatype");
                case "shape" ->
                    fields.shape =
                            ShapeReader.read(parser, where + ".shape", problems).orElse(null);
                case "data" -> data(parser, fields);
                case "parameters" -> readParameters(parser, fields);
                default -> parser.skipChildren();
            }
        }
        finish(fields);
        return fields;
    }

    private void readParameters(JsonParser parser, Fields fields) throws IOException {
        if (binary.isEmpty()) {
            parser.skipChildren();
        } else if (Parameters.begin(parser, fields.label(), problems)) {
            while (Parameters.next(parser, Set.of(BINARY_SIZE))) {
                readBinarySize(parser, fields);
            }
        }
    }

    private void readBinarySize(JsonParser parser, Fields fields) throws IOException {
        fields.binarySize =
                Parameters.wholeNumber(parser, fields.label(), BINARY_SIZE, 0, "a whole number of bytes", problems);
        fields.dataSeen |= fields.binarySize.isEmpty(); // it is wrong, and not missing
    }

    private void data(JsonParser parser, Fields fields) throws IOException {
        fields.dataSeen = true;
        if (fields.areComplete()) {
            readData(parser, fields);
        } else {
            fields.dataOffset = parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
        }
    }

    private void readData(JsonParser parser, Fields fields) throws IOException {
        TensorType type = fields.head().spec(specs).orElseThrow().type();
        Shape shape = Objects.requireNonNull(fields.shape);
        fields.tensor = new DataReader(parser, fields.label(), type, shape, room, problems)
                .read()
                .orElse(null);
    }

    private void finish(Fields fields) throws IOException {
        check(fields);
        fields.binarySize.ifPresent(size -> readBinary(fields, size));
        if (fields.dataOffset >= 0 && fields.areComplete()) {
            try (InputStream bytes = body.open((int) fields.dataOffset);
                    JsonParser again = Json.FACTORY.createParser(bytes)) {
                again.nextToken();
                readData(again, fields);
            }
        }
    }

    private void readBinary(Fields fields, long size) {
        BinaryData data = binary.orElseThrow();
        if (fields.areComplete()) {
            TensorType type = fields.head().spec(specs).orElseThrow().type();
            fields.tensor = data.read(fields.label(), type, Objects.requireNonNull(fields.shape), size)
                    .orElse(null);
        } else {
            data.skip(size);
        }
    }

    private void check(Fields fields) {
        fields.head().check(specs, binding, problems);
        if (fields.dataSeen && fields.binarySize.isPresent()) {
            problems.add(fields.label(), "has", "either data or " + BINARY_SIZE, "both");
        } else if (!fields.dataSeen && fields.binarySize.isEmpty()) {
            problems.add(fields.label(), "data is", "an array", "missing");
        }
    }

    private @Nullable String text(JsonParser parser, String where) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        problems.add(where, "is", "a string", Json.kind(parser));
        parser.skipChildren();
        return null;
    }
}
