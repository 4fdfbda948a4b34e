package dev.modelserving.verification;

import java.io.Serial;

/** Joining requests to the model would change an answer; the message says which and how. */
final class NotNeutral extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    NotNeutral(String message) {
        super(message, null, false, false);
    }
}
