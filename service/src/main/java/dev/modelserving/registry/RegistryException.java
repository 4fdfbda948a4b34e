package dev.modelserving.registry;

import java.io.Serial;

/**
 * The registry did not do what it was asked; {@link #isFinal()} tells whether asking again can help, {@link #kind()} who
 * can mend it.
 */
public final class RegistryException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** What went wrong. */
    public enum Kind {
        /** The registry was reached and refused. */
        REFUSED,
        /** Another writer changed what had been read; to be read again. */
        OVERTAKEN,
        /** The registry was not reached, or had too much to do. */
        UNAVAILABLE,
        /** The table is not there, or this process may not use it. */
        MISCONFIGURED
    }

    private RegistryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** The registry was reached and refused: somebody was faster, or the change is not allowed. */
    static RegistryException refused(String message, Throwable cause) {
        return new RegistryException(Kind.REFUSED, message, cause);
    }

    /** Another writer was faster. */
    static RegistryException overtaken(String message, Throwable cause) {
        return new RegistryException(Kind.OVERTAKEN, message, cause);
    }

    /** The registry was not reached, or had too much to do. */
    static RegistryException unavailable(String message, Throwable cause) {
        return new RegistryException(Kind.UNAVAILABLE, message, cause);
    }

    /** The table is not there, or is not ours to use. */
    static RegistryException misconfigured(String message, Throwable cause) {
        return new RegistryException(Kind.MISCONFIGURED, message, cause);
    }

    public Kind kind() {
        return kind;
    }

    public boolean isFinal() {
        return kind == Kind.REFUSED;
    }
}
