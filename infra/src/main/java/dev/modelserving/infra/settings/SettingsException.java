package dev.modelserving.infra.settings;

import java.util.List;

/** Settings that cannot be used; the message has a line for each fault. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<String> faults;

    SettingsException(String file, List<String> faults) {
        super(file + ":\n  " + String.join("\n  ", faults));
        this.faults = List.copyOf(faults);
    }

    /** One sentence each: where, what came, what was expected. */
    public List<String> faults() {
        return faults;
    }
}
