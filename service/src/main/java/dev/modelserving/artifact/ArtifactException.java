package dev.modelserving.artifact;

import java.io.Serial;

/** A model's files cannot be had as they were registered; the message says which file and why. */
public final class ArtifactException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    ArtifactException(String message) {
        super(message);
    }

    ArtifactException(String message, Throwable cause) {
        super(message, cause);
    }
}
