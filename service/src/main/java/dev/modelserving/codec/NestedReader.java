package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads values for one input whose shape shows only as they come: elements, or arrays in arrays that have one length at
 * each depth. One value is a tensor ({@code columns}); several of one shape are its rows.
 */
final class NestedReader {
    private static final int HIGHEST_RANK = 32;
    private static final int UNKNOWN = -1;

    private final JsonParser parser;
    private final TensorSpec spec;
    private final Problems problems;
    private final ElementReader elements;
    private final long[] lengths = new long[HIGHEST_RANK];
    private final long[] at = new long[HIGHEST_RANK];
    /** How deep elements lie, once one has come. */
    private int rank = UNKNOWN;
    /** How deep arrays were seen, for those without any element. */
    private int arrays;

    private String where = "";
    private boolean valid = true;

    NestedReader(JsonParser parser, TensorSpec spec, TensorRoom room, Problems problems) {
        this.parser = parser;
        this.spec = spec;
        this.problems = problems;
        this.elements = new ElementReader(parser, spec.type(), 0, room);
        Arrays.fill(lengths, UNKNOWN);
    }

    /**
     * The parser stands at the value, and at its end afterwards.
     *
     * @param place where in the body, for messages
     */
    void read(String place) throws IOException {
        where = place;
        readValue(0);
    }

    /** The same for an array whose first token the parser has gone on to. */
    void readEntered(String place) throws IOException {
        where = place;
        readArray(0);
    }

    /** The values as one tensor; nothing when there were problems. */
    Optional<Tensor> tensor() {
        return tensor(0, new long[0]);
    }

    /** As many values as {@code rows}, as one tensor with the rows as its first axis. */
    Optional<Tensor> rows(long rows) {
        return tensor(1, new long[] {rows});
    }

    private Optional<Tensor> tensor(int given, long[] first) {
        if (!valid) {
            return Optional.empty();
        }
        Shape shape = complete(given, first);
        if (!spec.shape().accepts(shape)) {
            problems.add(spec.name(), "shape", spec.shape().toString(), shape.toString());
            return Optional.empty();
        }
        return Optional.of(elements.tensor(shape));
    }

    /**
     * What was left out at the end is known from the model: dimensions of 1 that nobody wrote brackets for, and whatever
     * would stand in an empty array.
     */
    private Shape complete(int given, long[] first) {
        int seen = rank == UNKNOWN ? arrays : rank;
        long[] dimensions =
                Arrays.copyOf(first, Math.max(given + seen, spec.shape().rank()));
        System.arraycopy(lengths, 0, dimensions, given, seen);
        for (int axis = given + seen; axis < dimensions.length; axis++) {
            long declared = spec.shape().dimension(axis);
            if (elements.count() > 0 && declared != 1) {
                return Shape.of(Arrays.copyOf(dimensions, given + seen));
            }
            dimensions[axis] = declared == Shape.DYNAMIC ? 0 : declared;
        }
        return Shape.of(dimensions);
    }

    private void readValue(int depth) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            boolean tooDeep = depth >= HIGHEST_RANK || (rank != UNKNOWN && depth >= rank);
            if (tooDeep) {
                fault(
                        depth,
                        rank == UNKNOWN ? "at most " + HIGHEST_RANK + " arrays in each other" : elements.expected());
                parser.skipChildren();
                return;
            }
            parser.nextToken();
            readArray(depth);
        } else {
            readElement(depth);
        }
    }

    private void readArray(int depth) throws IOException {
        arrays = Math.max(arrays, depth + 1);
        long length = 0;
        for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
            at[depth] = length++;
            readValue(depth + 1);
        }
        if (lengths[depth] == UNKNOWN) {
            lengths[depth] = length;
        } else if (lengths[depth] != length) {
            invalid(
                    depth,
                    "has another length than its neighbours:",
                    lengths[depth] + " elements",
                    length + " elements");
        }
    }

    private void readElement(int depth) throws IOException {
        boolean amongArrays = rank == UNKNOWN ? depth < arrays : depth < rank;
        if (amongArrays) {
            fault(depth, "an array, as its neighbours");
            parser.skipChildren();
            return;
        }
        rank = depth;
        if (!elements.read()) {
            invalid(depth, "is", elements.expected(), elements.actual());
            parser.skipChildren();
        }
    }

    private void fault(int depth, String expected) {
        invalid(depth, "is", expected, Json.kind(parser));
    }

    private void invalid(int depth, String problem, String expected, String actual) {
        valid = false;
        StringBuilder place = new StringBuilder(where);
        for (int axis = 0; axis < depth; axis++) {
            place.append('[').append(at[axis]).append(']');
        }
        problems.add(spec.name(), place + " " + problem, expected, actual);
    }
}
