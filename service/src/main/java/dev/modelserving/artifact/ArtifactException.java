package dev.modelserving.artifact;

import java.io.Serial;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * A model's files cannot be had as they were registered; the message says which file and why. {@link #isFinal()} tells
 * whether asking again can help, {@link #kind()} who can mend it.
 */
public final class ArtifactException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** What went wrong. */
    public enum Kind {
        /** There is no such object. */
        MISSING,
        /** What is stored is not what it should be. */
        WRONG,
        /** It is more than this process may keep. */
        TOO_LARGE,
        /** The store did not do what it was asked, or there is no room now. */
        UNAVAILABLE,
        /** The bucket is not there, or this process may not read it. */
        MISCONFIGURED,
        /** The local disk did not do what it was asked. */
        DISK
    }

    private ArtifactException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** There is no such object. */
    static ArtifactException missing(String message, @Nullable Throwable cause) {
        return new ArtifactException(Kind.MISSING, message, cause);
    }

    /** What is stored is not what it should be, and will not be by itself. */
    static ArtifactException wrong(String message) {
        return new ArtifactException(Kind.WRONG, message, null);
    }

    /** What is stored is not what it should be, and will not be by itself. */
    static ArtifactException wrong(String message, Throwable cause) {
        return new ArtifactException(Kind.WRONG, message, cause);
    }

    /** It would not fit if nothing else were there. */
    static ArtifactException tooLarge(String message) {
        return new ArtifactException(Kind.TOO_LARGE, message, null);
    }

    /** The store did not do what it was asked. */
    static ArtifactException unavailable(String message, Throwable cause) {
        return new ArtifactException(Kind.UNAVAILABLE, message, cause);
    }

    /** The store refused for a reason that only somebody who sets it up can mend. */
    static ArtifactException misconfigured(String message, Throwable cause) {
        return new ArtifactException(Kind.MISCONFIGURED, message, cause);
    }

    /** The disk did not do what it was asked. */
    static ArtifactException disk(String message, Throwable cause) {
        return new ArtifactException(Kind.DISK, message, cause);
    }

    /** The store did not do what it was asked. */
    static ArtifactException unavailable(String message) {
        return new ArtifactException(Kind.UNAVAILABLE, message, null);
    }

    /** There is no room for it now. */
    static ArtifactException noRoom(String message) {
        return new ArtifactException(Kind.UNAVAILABLE, message, null);
    }

    public Kind kind() {
        return kind;
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

    /** Whether the version itself is at fault, so that no later try can help. */
    public boolean isFinal() {
        return kind == Kind.MISSING || kind == Kind.WRONG || kind == Kind.TOO_LARGE;
    }
}
