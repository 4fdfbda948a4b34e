package dev.modelserving.artifact;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A model's files cannot be had as they were registered; the message says which file and why. {@link #isFinal()} tells
 * whether asking again can help.
 */
public final class ArtifactException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final boolean last;

    private ArtifactException(String message, boolean last, @Nullable Throwable cause) {
        super(message, cause);
        this.last = last;
    }

    /** What is stored is not what it should be, and will not be by itself. */
    static ArtifactException wrong(String message) {
        return new ArtifactException(message, true, null);
    }

    /** What is stored is not what it should be, and will not be by itself. */
    static ArtifactException wrong(String message, Throwable cause) {
        return new ArtifactException(message, true, cause);
    }

    /** The store or the disk did not do what it was asked. */
    static ArtifactException unavailable(String message, Throwable cause) {
        return new ArtifactException(message, false, cause);
    }

    /** There is no room for it now. */
    static ArtifactException noRoom(String message) {
        return new ArtifactException(message, false, null);
    }

    public boolean isFinal() {
        return last;
    }
}
