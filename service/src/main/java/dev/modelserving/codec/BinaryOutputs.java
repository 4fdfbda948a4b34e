package dev.modelserving.codec;

import java.util.Map;

/**
 * Which outputs are wanted as binary data ("Binary Tensor Data Extension" of the Open Inference Protocol).
 *
 * @param byDefault those of which nothing is said
 * @param said by their names
 */
public record BinaryOutputs(boolean byDefault, Map<String, Boolean> said) {
    /** All in JSON. */
    static final BinaryOutputs NONE = new BinaryOutputs(false, Map.of());

    public BinaryOutputs {
        said = Map.copyOf(said);
    }

    boolean contains(String output) {
        return said.getOrDefault(output, byDefault);
    }

    /** Whether there may be one. */
    public boolean isPossible() {
        return byDefault || said.containsValue(true);
    }
}
