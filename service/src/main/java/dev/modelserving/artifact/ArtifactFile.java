package dev.modelserving.artifact;

import dev.modelserving.model.Excerpt;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of a version, as the manifest and the registry name it.
 *
 * @param path below the version's folder: relative, normalised, '/' between its parts
 * @param sha256 64 hexadecimal digits, lower case
 * @param sizeBytes 0 or more
 * @param s3VersionId which of the object's versions it was when it was verified, where the bucket keeps versions
 */
public record ArtifactFile(
        String path,
        String sha256,
        long sizeBytes,
        @Nullable String s3VersionId) {
    private static final int LONGEST_PATH = 512;

    /** What Linux's file systems take as the name of a file. */
    private static final int LONGEST_NAME_BYTES = 255;

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException when the path could leave the folder, or anything has not its form */
    public ArtifactFile {
        if (!isSafe(path)) {
            throw new IllegalArgumentException("file path " + Excerpt.quoted(path)
                    + " (expected: relative, without '.', '..' or empty parts, at most " + LONGEST_PATH
                    + " characters, and " + LONGEST_NAME_BYTES + " bytes between two '/')");
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

    /** Of no certain version of its object. */
    public ArtifactFile(String path, String sha256, long sizeBytes) {
        this(path, sha256, sizeBytes, null);
    }

    public Optional<String> s3Version() {
        return Optional.ofNullable(s3VersionId);
    }

    /** Whether both have the same content under the same path, whatever the versions of their objects. */
    public boolean isSameAs(ArtifactFile other) {
        return path.equals(other.path) && sha256.equals(other.sha256) && sizeBytes == other.sizeBytes;
    }

    private static boolean isSafe(String path) {
        return !path.isEmpty()
                && path.length() <= LONGEST_PATH
                && StandardCharsets.UTF_8.newEncoder().canEncode(path)
                && path.chars().noneMatch(c -> c == '\\' || Character.isISOControl(c))
                && List.of(path.split("/", -1)).stream().allMatch(ArtifactFile::isSafePart);
    }

    private static boolean isSafePart(String part) {
        return !part.isEmpty()
                && !part.equals(".")
                && !part.equals("..")
                && part.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME_BYTES;
    }
}
