package dev.modelserving.verification;

import java.io.Serial;

/** The model does not do what it should; the message says what, for the one who exported it. */
public final class VerificationException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** What it does not do. */
    public enum Kind {
        /** It does not load. */
        LOAD,
        /** Its file with examples is not one. */
        EXAMPLES,
        /** It answers an example otherwise than it must. */
        ANSWER
    }

    VerificationException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    VerificationException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
