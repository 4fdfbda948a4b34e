package dev.modelserving.registry;

import java.io.Serial;

/** The registry did not do what it was asked; {@link #isFinal()} tells whether asking again can help. */
public final class RegistryException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final boolean repeatable;

    private RegistryException(String message, boolean repeatable, Throwable cause) {
        super(message, cause);
        this.repeatable = repeatable;
    }

    /** The registry was reached and refused: somebody was faster, or the change is not allowed. */
    static RegistryException refused(String message, Throwable cause) {
        return new RegistryException(message, false, cause);
    }

    /** The registry was not reached, or had too much to do. */
    static RegistryException unavailable(String message, Throwable cause) {
        return new RegistryException(message, true, cause);
    }

    public boolean isFinal() {
        return !repeatable;
    }
}
