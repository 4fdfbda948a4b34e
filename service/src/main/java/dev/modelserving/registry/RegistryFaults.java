package dev.modelserving.registry;

import dev.modelserving.artifact.AwsFault;
import software.amazon.awssdk.core.exception.SdkException;

/** What is said of a failed call to the table. */
final class RegistryFaults {
    private static final String MALFORMED = "ValidationException";

    private RegistryFaults() {}

    /** A reading that the table cannot take is one of another table: it has other keys, or not the index. */
    static RegistryException ofReading(String table, SdkException e) {
        return AwsFault.code(e).equals(MALFORMED)
                ? RegistryException.misconfigured(message(table, e), e)
                : of(table, e);
    }

    /** A change that the table cannot take will never be taken. */
    static RegistryException ofWriting(String table, SdkException e) {
        return AwsFault.code(e).equals(MALFORMED) ? RegistryException.refused(message(table, e), e) : of(table, e);
    }

    static RegistryException of(String table, SdkException e) {
        return AwsFault.isConfiguration(e)
                ? RegistryException.misconfigured(message(table, e), e)
                : RegistryException.unavailable(message(table, e), e);
    }

    private static String message(String table, SdkException e) {
        return "table " + table + ": " + e.getMessage();
    }
}
