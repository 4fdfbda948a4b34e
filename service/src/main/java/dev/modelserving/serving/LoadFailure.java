package dev.modelserving.serving;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A version cannot be served; the message is for the one who registered it, or who runs the service. */
final class LoadFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final Retry retry;

    /** Whether another try may do. */
    enum Retry {
        /** What is wrong is outside of the version, such as a store that cannot be reached: nothing is known of it yet. */
        SOON,
        /** The version failed, of something that might be mended. */
        LATER,
        /** Not before its registration changes. */
        NEVER
    }

    LoadFailure(Retry retry, String message) {
        this(retry, message, null);
    }

    LoadFailure(Retry retry, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.retry = retry;
    }

    Retry retry() {
        return retry;
    }
}
