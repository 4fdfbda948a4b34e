package dev.modelserving.artifact;

import dev.modelserving.model.Excerpt;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One file of a version, as the manifest and the registry name it.
 *
 * @param path below the version's folder: relative, normalised, '/' between its parts
 * @param sha256 64 hexadecimal digits, lower case
 * @param sizeBytes 0 or more
 */
public record ArtifactFile(String path, String sha256, long sizeBytes) {
    private static final int LONGEST_PATH = 512;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException when the path could leave the folder, or anything has not its form */
    public ArtifactFile {
        if (!isSafe(path)) {
            throw new IllegalArgumentException("file path " + Excerpt.quoted(path)
                    + " (expected: relative, without '.', '..' or empty parts, at most " + LONGEST_PATH
                    + " characters)");
        }
        sha256 = sha256.toLowerCase(Locale.ROOT);
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("sha256 " + Excerpt.quoted(sha256) + " of " + Excerpt.quoted(path)
                    + " (expected: 64 hexadecimal digits)");
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException(
                    "sizeBytes " + sizeBytes + " of " + Excerpt.quoted(path) + " (expected: 0 or more)");
        }
    }

    private static boolean isSafe(String path) {
        return !path.isEmpty()
                && path.length() <= LONGEST_PATH
                && path.chars().noneMatch(c -> c == '\\' || Character.isISOControl(c))
                && List.of(path.split("/", -1)).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }
}
