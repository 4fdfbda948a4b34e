package dev.modelserving.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the {@code data} of one tensor, flat or nested as its shape is, straight into the tensor's memory. What it
 * allocates is bounded by the body's length, whatever the shape says.
 */
final class DataReader {
    private final JsonParser parser;
    private final String input;
    private final TensorType type;
    private final Shape shape;
    private final Problems problems;
    private final long expected;
    private final long capacity;
    private final ElementReader elements;
    private final ByteBuffer numbers;
    private final List<String> strings = new ArrayList<>();

    private long count;
    private boolean valid = true;

    DataReader(JsonParser parser, String input, TensorType type, Shape shape, int bodyLength, Problems problems) {
        this.parser = parser;
        this.input = input;
        this.type = type;
        this.shape = shape;
        this.problems = problems;
        this.expected = elementCount(shape);
        // Each element takes two bytes of the body at least: one for itself, one for what separates it.
        this.capacity = Math.min(expected, bodyLength / 2 + 1);
        this.elements = new ElementReader(parser, type);
        this.numbers = ByteBuffer.allocateDirect(Math.toIntExact(capacity * type.byteSize()))
                .order(ByteOrder.nativeOrder());
    }

    private static long elementCount(Shape shape) {
        try {
            return shape.elementCount();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
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
        if (valid && count != expected) {
            fault("data has", expected + " elements, as shape " + shape + " says", count + " elements");
        }
        if (!valid) {
            return Optional.empty();
        }
        return Optional.of(
                type == TensorType.BYTES
                        ? new Tensor.Strings(shape, strings)
                        : new Tensor.Numbers(type, shape, numbers.flip()));
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
        long before = count;
        for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
            readElement();
        }
        if (nested && valid && count - before != shape.dimension(depth)) {
            fault("data has a row of", shape.dimension(depth) + " elements", (count - before) + " elements");
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
        if (parser.currentToken() == JsonToken.START_ARRAY || parser.currentToken() == JsonToken.START_OBJECT) {
            elementFault(elements.expected(), Json.kind(parser));
            parser.skipChildren();
        } else if (count >= capacity) {
            count++; // more than can be right; counted, so that the fault says how many came
            return;
        } else if (type == TensorType.BYTES) {
            readString();
        } else if (!elements.readInto(numbers)) {
            elementFault(elements.expected(), elements.actual());
            numbers.position(Math.toIntExact((count + 1) * type.byteSize()));
        }
        count++;
    }

    private void readString() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            strings.add(parser.getText());
        } else {
            elementFault(elements.expected(), elements.actual());
        }
    }

    private void elementFault(String wanted, String actual) {
        fault("data[" + count + "] is", wanted, actual);
    }

    private void fault(String problem, String wanted, String actual) {
        valid = false;
        problems.add(input, problem, wanted, actual);
    }
}
