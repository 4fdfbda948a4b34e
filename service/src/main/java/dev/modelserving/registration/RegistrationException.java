package dev.modelserving.registration;

import java.io.Serial;

/** The version cannot be registered as it is; the message says why. */
public final class RegistrationException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    RegistrationException(String message) {
        super(message);
    }

    RegistrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
