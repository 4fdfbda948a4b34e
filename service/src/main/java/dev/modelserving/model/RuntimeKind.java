package dev.modelserving.model;

/**
 * What decides how a model computes: the last digits of floating-point numbers, and the results of quantised models, can
 * differ between two of these.
 *
 * @param ortVersion of ONNX Runtime
 * @param cpu architecture and vector extensions
 */
public record RuntimeKind(String ortVersion, String cpu) {
    /** Of what does not depend on it. */
    public static final RuntimeKind ANY = new RuntimeKind("any", "any");

    /** Whether what was found on this one holds on {@code other}. */
    public boolean covers(RuntimeKind other) {
        return equals(ANY) || equals(other);
    }
}
