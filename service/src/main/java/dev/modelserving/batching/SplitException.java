package dev.modelserving.batching;

import java.io.Serial;

/** An output of joined requests cannot be told apart by rows; the message says which, and what it is like. */
public final class SplitException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    SplitException(String message) {
        super(message);
    }
}
