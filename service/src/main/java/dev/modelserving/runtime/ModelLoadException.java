package dev.modelserving.runtime;

import java.io.Serial;

/** The file is no model that can be served; the message says why, in words for the one who exported it. */
public final class ModelLoadException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    ModelLoadException(String message) {
        super(message);
    }

    ModelLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
