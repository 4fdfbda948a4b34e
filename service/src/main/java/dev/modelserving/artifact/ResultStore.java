package dev.modelserving.artifact;

import java.io.IOException;

/** Where results are kept. Safe for use by several threads; blocks on the network. */
public interface ResultStore {
    /**
     * Stores {@code content} under {@code key}, in place of what was there: once more with the same content changes
     * nothing.
     *
     * @param contentType a media type
     * @throws IOException that says which object could not be written, and why
     */
    void put(String key, byte[] content, String contentType) throws IOException;
}
