package dev.modelserving.codec;

import dev.modelserving.model.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@code InferInputTensor}, of whose elements it knows only where they lie.
 *
 * @param contents the places of {@code InferTensorContents}, of which several count as one
 */
record InputMessage(TensorHead head, List<Place> contents) {
    private static final int NAME = 1;
    private static final int DATATYPE = 2;
    private static final int SHAPE = 3;
    private static final int CONTENTS = 5;

    /** One is what clients send. */
    private static final int MOST_PLACES = 16;

    InputMessage {
        contents = List.copyOf(contents);
    }

    /** A field's value in the body. */
    record Place(int begin, int length) {}

    /** The field at which the reader stands. */
    static InputMessage read(WireReader reader, String where, Problems problems) {
        String name = null;
        String datatype = null;
        Dimensions dimensions = new Dimensions(where + ".shape", problems);
        List<Place> contents = new ArrayList<>(1);
        int outer = reader.enter(reader.length());
        while (reader.next()) {
            switch (reader.field()) {
                case NAME -> name = said(reader);
                case DATATYPE -> datatype = said(reader);
                case SHAPE -> dimensions.read(reader);
                case CONTENTS -> {
                    Place place = place(reader);
                    if (place.length > 0) { // as nothing, which may come again and again
                        contents.add(place);
                    }
                    if (contents.size() > MOST_PLACES) {
                        problems.add(where, "has contents", "once", "more than " + MOST_PLACES + " times");
                        problems.throwIfAny();
                    }
                }
                default -> reader.skip();
            }
        }
        reader.leave(outer);
        return new InputMessage(new TensorHead(where, name, datatype, dimensions.shape()), contents);
    }

    /** Where the field's value lies, which is passed. */
    static Place place(WireReader reader) {
        int length = reader.length();
        Place place = new Place(reader.position(), length);
        reader.moveTo(place.begin + length);
        return place;
    }

    /** In messages an empty text and none are the same. */
    private static @Nullable String said(WireReader reader) {
        String text = reader.string();
        return text.isEmpty() ? null : text;
    }

    /** As they come: packed, one by one, or both. */
    private static final class Dimensions {
        private final String where;
        private final Problems problems;
        private long[] dimensions = new long[4];
        private int rank;
        private boolean isValid = true;

        Dimensions(String where, Problems problems) {
            this.where = where;
            this.problems = problems;
        }

        void read(WireReader reader) {
            if (reader.wireType() == WireReader.VARINT) {
                add(reader.varint());
                return;
            }
            int outer = reader.enter(reader.length());
            while (reader.hasMore()) {
                add(reader.varint());
            }
            reader.leave(outer);
        }

        private void add(long dimension) {
            if (dimension < 0 || rank == ShapeReader.HIGHEST_RANK) {
                problems.add(where + "[" + rank + "]", "is", ShapeReader.DIMENSION, Long.toString(dimension));
                isValid = false;
                return;
            }
            if (rank == dimensions.length) {
                dimensions = Arrays.copyOf(dimensions, ShapeReader.HIGHEST_RANK);
            }
            dimensions[rank++] = dimension;
        }

        @Nullable
        Shape shape() {
            return isValid ? Shape.of(Arrays.copyOf(dimensions, rank)) : null;
        }
    }
}
