package dev.modelserving.artifact;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the files of models are kept. Safe for use by several threads; every method blocks on the network. */
public interface ArtifactStore {
    /**
     * Copies the object into a new file.
     *
     * @param file says of what size the object must be, nothing longer is read, and which of its versions is meant; the
     *     newest where it names none
     * @return which version of the object it was, where the store keeps versions
     * @throws ArtifactException when there is no such object, its size is another, or it cannot be read to its end
     */
    Optional<String> download(String key, ArtifactFile file, Path target) throws ArtifactException;

    /** Stores {@code source} under {@code key}, in place of what was there. */
    void upload(Path source, String key) throws ArtifactException;

    /** Stores {@code content} under {@code key} unless something is there already; says whether it did. */
    boolean create(String key, byte[] content) throws ArtifactException;

    /** The object's content, at most {@code limitBytes} of it; nothing when there is no such object. */
    default Optional<byte[]> read(String key, int limitBytes) throws ArtifactException {
        return read(key, null, limitBytes);
    }

    /** The same of one version of the object; null: the newest. */
    Optional<byte[]> read(String key, @Nullable String s3VersionId, int limitBytes) throws ArtifactException;
}
