package dev.modelserving.codec;

import java.io.Serial;

/** What was read is not what the short way reads; whoever reads the whole of JSON has the word. */
final class NotPlain extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private NotPlain() {
        super("not plain", null, false, false);
    }

    static NotPlain it() {
        return new NotPlain();
    }
}
