package dev.modelserving.settings;

import java.io.Serial;
import java.util.List;

/** The environment is not what the service needs; the message lists everything that is wrong with it. */
public final class SettingsException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    SettingsException(List<String> problems) {
        super("the environment is not complete or not valid:\n  " + String.join("\n  ", problems));
    }
}
