package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How outputs are wanted that are not wanted as they are.
 *
 * @param binaryByDefault whether those of which nothing is said are wanted as binary data
 * @param binary whether those of these names are ("Binary Tensor Data Extension" of the Open Inference Protocol)
 * @param classes of how many classes those of these names are wanted, best first ("Classification Extension")
 */
public record OutputForms(boolean binaryByDefault, Map<String, Boolean> binary, Map<String, Integer> classes) {
    /** All as they are, in JSON. */
    static final OutputForms NONE = new OutputForms(false, Map.of(), Map.of());

    public OutputForms {
        binary = Map.copyOf(binary);
        classes = Map.copyOf(classes);
    }

    boolean isBinary(String output) {
        return binary.getOrDefault(output, binaryByDefault);
    }

    /** Whether there may be an output in binary. */
    public boolean isAnyBinary() {
        return binaryByDefault || binary.containsValue(true);
    }

    OutputForms inJson() {
        return new OutputForms(false, Map.of(), classes);
    }

    /** The response with classes in place of the numbers of those outputs that are wanted so. */
    InferenceResponse classified(InferenceResponse response) {
        if (classes.isEmpty()) {
            return response;
        }
        Map<String, Tensor> outputs = new LinkedHashMap<>(response.outputs());
        Map<String, ClassLabels> labels = new LinkedHashMap<>(response.classes());
        classes.forEach((name, most) -> outputs.computeIfPresent(
                name,
                (same, tensor) -> Classification.of(name, tensor, most, Optional.ofNullable(labels.remove(name)))));
        return new InferenceResponse(outputs, labels, response.sequences());
    }
}
