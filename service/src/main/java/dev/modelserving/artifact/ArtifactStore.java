package dev.modelserving.artifact;

import java.nio.file.Path;
import java.util.Optional;

/** Where the files of models are kept. Safe for use by several threads; every method blocks on the network. */
public interface ArtifactStore {
    /**
     * Copies the object into a new file.
     *
     * @param sizeBytes what the object must have; nothing longer is read
     * @throws ArtifactException when there is no such object, its size is another, or it cannot be read to its end
     */
    void download(String key, long sizeBytes, Path target) throws ArtifactException;

    /** Stores {@code source} under {@code key}, in place of what was there. */
    void upload(Path source, String key) throws ArtifactException;

    /** Stores {@code content} under {@code key} unless something is there already; says whether it did. */
    boolean create(String key, byte[] content) throws ArtifactException;

    /** The object's content, at most {@code limitBytes} of it; nothing when there is no such object. */
    Optional<byte[]> read(String key, int limitBytes) throws ArtifactException;
}
