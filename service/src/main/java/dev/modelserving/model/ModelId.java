package dev.modelserving.model;

import java.util.regex.Pattern;

/**
 * The name of a model, as it stands in the registry, in S3 prefixes and in URLs.
 *
 * @param value 1 to 128 characters: lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit
 */
public record ModelId(String value) implements Comparable<ModelId> {
    /** The regular expression that a model id matches. */
    public static final String FORM = "[a-z0-9][a-z0-9._-]{0,127}";

    private static final Pattern PATTERN = Pattern.compile(FORM);

    /** @throws IllegalArgumentException when {@code value} has another form */
    public ModelId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException("model id " + Excerpt.quoted(value) + " (expected: " + FORM + ")");
        }
    }

    @Override
    public int compareTo(ModelId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
