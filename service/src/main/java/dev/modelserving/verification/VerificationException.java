package dev.modelserving.verification;

import java.io.Serial;

/** The model does not do what it should; the message says what, for the one who exported it. */
public final class VerificationException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    VerificationException(String message) {
        super(message);
    }

    VerificationException(String message, Throwable cause) {
        super(message, cause);
    }
}
