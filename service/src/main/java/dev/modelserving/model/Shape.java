package dev.modelserving.model;

import java.util.Arrays;

/**
 * The dimensions of a tensor, outermost first; none at all for a scalar. In a declaration (a {@link TensorSpec}) -1
 * stands for a dimension that each request chooses. Immutable.
 */
public final class Shape {
    /** A dimension of any size. */
    public static final long DYNAMIC = -1;

    private final long[] dimensions;

    private Shape(long[] dimensions) {
        this.dimensions = dimensions;
    }

    /** @throws IllegalArgumentException when a dimension is below -1 */
    public static Shape of(long... dimensions) {
        for (long dimension : dimensions) {
            if (dimension < DYNAMIC) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dimensions) + " has a negative dimension");
            }
        }
        return new Shape(dimensions.clone());
    }

    public int rank() {
        return dimensions.length;
    }

    public long dimension(int axis) {
        return dimensions[axis];
    }

    public long[] toArray() {
        return dimensions.clone();
    }

    /**
     * The number of elements: the product of the dimensions, 1 for a scalar.
     *
     * @throws ArithmeticException when a dimension is dynamic or the product does not fit into 63 bits
     */
    public long elementCount() {
        long count = 1;
        boolean empty = false;
        for (long dimension : dimensions) {
            if (dimension == DYNAMIC) {
                throw new ArithmeticException("shape " + this + " is not known");
            }
            empty |= dimension == 0;
        }
        if (empty) {
            return 0;
        }
        for (long dimension : dimensions) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    /**
     * The same, where a product that does not fit is more than there can be.
     *
     * @return Long.MAX_VALUE for that
     */
    public long saturatedElementCount() {
        try {
            return elementCount();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Whether a tensor of {@code actual} shape may stand where this shape is declared. */
    public boolean accepts(Shape actual) {
        if (actual.rank() != rank()) {
            return false;
        }
        for (int axis = 0; axis < dimensions.length; axis++) {
            if (dimensions[axis] != DYNAMIC && dimensions[axis] != actual.dimensions[axis]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /** For example {@code [-1, 4]}. */
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }
}
