package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads the {@code data} of one tensor, flat or nested as its shape is, straight into the tensor's memory. What it
 * allocates is bounded by the body's length, whatever the shape says.
 */
final class DataReader {
    private final JsonParser parser;
    private final String input;
    private final Shape shape;
    private final Problems problems;
    private final long expected;
    private final ElementReader elements;
    private boolean valid = true;

    DataReader(JsonParser parser, String input, TensorType type, Shape shape, TensorRoom room, Problems problems) {
        this.parser = parser;
        this.input = input;
        this.shape = shape;
        this.problems = problems;
        this.expected = shape.saturatedElementCount();
        this.elements = new ElementReader(parser, type, expected, room);
    }

    /** The parser stands at the data, and at its end afterwards. Nothing when there were problems. */
    Optional<Tensor> read() throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            readArray(0);
        } else if (shape.rank() == 0 && parser.currentToken().isScalarValue()) {
            readElement();
        } else {
            fault("data is", "an array", Json.kind(parser));
            parser.skipChildren();
        }
        if (valid && elements.count() != expected) {
            String wanted = expected == Long.MAX_VALUE ? "more elements than there can be" : expected + " elements";
            fault("data has", wanted + ", as shape " + shape + " says", elements.count() + " elements");
        }
        return valid ? Optional.of(elements.tensor(shape)) : Optional.empty();
    }

    /** An array at {@code depth} holds elements when the data is flat or this is the innermost axis; else arrays. */
    private void readArray(int depth) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY) {
            readArrays(depth);
            return;
        }
        boolean nested = depth > 0;
        if (nested && depth != shape.rank() - 1) {
            fault("data is nested", "flat, or nested as shape " + shape, (depth + 1) + " deep");
        }
        long before = elements.count();
        for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
            readElement();
        }
        long length = elements.count() - before;
        if (nested && valid && length != shape.dimension(depth)) {
            fault("data has a row of", shape.dimension(depth) + " elements", length + " elements");
        }
    }

    private void readArrays(int depth) throws IOException {
        if (depth >= shape.rank() - 1) {
            fault("data is nested", "flat, or nested as shape " + shape, "deeper than that");
            for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
                parser.skipChildren();
            }
            return;
        }
        long rows = 0;
        for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                readArray(depth + 1);
            } else {
                fault("data[" + rows + "] is", "an array, as its neighbours", Json.kind(parser));
                parser.skipChildren();
            }
            rows++;
        }
        if (valid && rows != shape.dimension(depth)) {
            fault("data has at depth " + depth, shape.dimension(depth) + " arrays", rows + " arrays");
        }
    }

    private void readElement() throws IOException {
        long index = elements.count();
        if (!elements.read()) {
            fault("data[" + index + "] is", elements.expected(), elements.actual());
            parser.skipChildren();
        }
    }

    private void fault(String problem, String wanted, String actual) {
        valid = false;
        problems.add(input, problem, wanted, actual);
    }
}
