package dev.modelserving.model;

import java.util.regex.Pattern;

/**
 * The number of one immutable version of a model.
 *
 * @param value 1 to 9,999,999,999
 */
public record ModelVersion(long value) implements Comparable<ModelVersion> {
    private static final long LARGEST = 9_999_999_999L;
    private static final Pattern CANONICAL = Pattern.compile("[1-9][0-9]{0,9}");

    /** @throws IllegalArgumentException when {@code value} is out of range */
    public ModelVersion {
        if (value < 1 || value > LARGEST) {
            throw new IllegalArgumentException("version " + value + " (expected: 1 to " + LARGEST + ")");
        }
    }

    /**
     * Reads the canonical decimal form: no sign, no leading zero, no space.
     *
     * @throws IllegalArgumentException when {@code text} has another form
     */
    public static ModelVersion parse(String text) {
        if (!CANONICAL.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "version " + Excerpt.quoted(text) + " (expected: a whole number from 1 to " + LARGEST + ")");
        }
        return new ModelVersion(Long.parseLong(text));
    }

    @Override
    public int compareTo(ModelVersion other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
