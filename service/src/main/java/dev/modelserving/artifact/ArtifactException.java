package dev.modelserving.artifact;

import java.io.Serial;
import java.nio.file.FileSystemException;
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

    /** The store did not do what it was asked. */
    static ArtifactException unavailable(String message) {
        return new ArtifactException(message, false, null);
    }

    /** There is no room for it now. */
    static ArtifactException noRoom(String message) {
        return new ArtifactException(message, false, null);
    }

    /** What happened, for those who call the service, to whom folders of this machine say nothing. */
    static String withoutPath(Exception cause) {
        if (cause instanceof FileSystemException failure) {
            return failure.getReason() != null
                    ? failure.getReason()
                    : failure.getClass().getSimpleName();
        }
        return String.valueOf(cause.getMessage());
    }

    public boolean isFinal() {
        return last;
    }
}
