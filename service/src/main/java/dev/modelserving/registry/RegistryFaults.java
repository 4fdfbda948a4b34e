package dev.modelserving.registry;

import dev.modelserving.artifact.AwsFault;
import software.amazon.awssdk.core.exception.SdkException;

/** What is said of a failed call to the table. */
final class RegistryFaults {
    private RegistryFaults() {}

    static RegistryException of(String table, SdkException e) {
        String message = "table " + table + ": " + e.getMessage();
        return AwsFault.isConfiguration(e)
                ? RegistryException.misconfigured(message, e)
                : RegistryException.unavailable(message, e);
    }
}
