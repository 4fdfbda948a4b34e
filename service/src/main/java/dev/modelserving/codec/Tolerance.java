package dev.modelserving.codec;

import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How far a floating-point answer may be from the expected one: |actual - expected| &lt;= absolute + relative *
 * |expected|. Values of other types must be equal.
 */
public record Tolerance(double absolute, double relative) {
    /** Where an example names none. */
    public static final Tolerance DEFAULT = new Tolerance(1e-4, 1e-4);

    /** @throws IllegalArgumentException when one is negative or not a number */
    public Tolerance {
        if (!(absolute >= 0) || !(relative >= 0)) {
            throw new IllegalArgumentException(
                    "tolerance " + absolute + " absolute, " + relative + " relative (expected: 0 or more)");
        }
    }

    /** Says what is different, the first such element with its flat index. */
    Optional<String> difference(Tensor expected, Tensor actual) {
        if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
            return Optional.of("is " + actual.type() + " " + actual.shape() + " (expected: " + expected.type() + " "
                    + expected.shape() + ")");
        }
        if (expected instanceof Tensor.Numbers numbers) {
            return firstDifference(numbers, (Tensor.Numbers) actual);
        }
        return expected.equals(actual) ? Optional.empty() : Optional.of("has other strings than expected");
    }

    /** The same for numbers that are {@code factor} times as large. */
    public Tolerance forValuesTimes(double factor) {
        return new Tolerance(absolute * factor, relative);
    }

    /**
     * How far off the farthest of the elements is that are farther off than they may be; nothing when there is none.
     * Infinite where the distance cannot be told: other strings, NaN for a number, another shape or type.
     */
    public OptionalDouble excess(Tensor expected, Tensor actual) {
        if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
            return OptionalDouble.of(Double.POSITIVE_INFINITY);
        }
        if (!(expected instanceof Tensor.Numbers numbers)) {
            return expected.equals(actual) ? OptionalDouble.empty() : OptionalDouble.of(Double.POSITIVE_INFINITY);
        }
        Tensor.Numbers others = (Tensor.Numbers) actual;
        if (numbers.data().equals(others.data())) {
            return OptionalDouble.empty();
        }
        double farthest = -1;
        long count = numbers.shape().elementCount();
        for (int index = 0; index < count; index++) {
            Number wanted = element(numbers, index);
            Number got = element(others, index);
            if (!isClose(wanted, got)) {
                double distance = Math.abs(got.doubleValue() - wanted.doubleValue());
                farthest = Math.max(farthest, Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance);
            }
        }
        return farthest < 0 ? OptionalDouble.empty() : OptionalDouble.of(farthest);
    }

    private Optional<String> firstDifference(Tensor.Numbers expected, Tensor.Numbers actual) {
        long count = expected.shape().elementCount();
        for (int index = 0; index < count; index++) {
            Number wanted = element(expected, index);
            Number got = element(actual, index);
            if (!isClose(wanted, got)) {
                return Optional.of("has " + got + " at " + index + " (expected: " + wanted + ")");
            }
        }
        return Optional.empty();
    }

    private boolean isClose(Number expected, Number actual) {
        if (expected.equals(actual)) {
            return true;
        }
        boolean floating = expected instanceof Float || expected instanceof Double;
        return floating
                && Math.abs(actual.doubleValue() - expected.doubleValue())
                        <= absolute + relative * Math.abs(expected.doubleValue())
                && Double.isFinite(expected.doubleValue());
    }

    private static Number element(Tensor.Numbers tensor, int index) {
        ByteBuffer data = tensor.data();
        int at = data.position() + index * tensor.type().byteSize();
        return switch (tensor.type()) {
            case BOOL, INT8, UINT8 -> data.get(at);
            case INT16, UINT16 -> data.getShort(at);
            case INT32, UINT32 -> data.getInt(at);
            case INT64, UINT64 -> data.getLong(at);
            case FP16, BF16 -> ShortFloat.toFloat(tensor.type(), data.getShort(at));
            case FP32 -> data.getFloat(at);
            case FP64 -> data.getDouble(at);
            case BYTES -> throw new IllegalStateException("strings are not numbers");
        };
    }
}
