package dev.modelserving.codec;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * A request with the answer that the model must give.
 *
 * @param outputs what must come back, by name; outputs that it does not name may be anything
 */
public record Example(String name, InferenceRequest request, Map<String, Tensor> outputs, Tolerance tolerance) {
    public Example {
        outputs = Map.copyOf(outputs);
    }

    /** Says where the response is another than it must be. */
    public Optional<String> mismatch(InferenceResponse response) {
        for (Map.Entry<String, Tensor> expected : outputs.entrySet()) {
            Tensor actual = response.outputs().get(expected.getKey());
            Optional<String> difference =
                    actual == null ? Optional.of("is missing") : tolerance.difference(expected.getValue(), actual);
            if (difference.isPresent()) {
                return Optional.of("example '" + name + "': output '" + expected.getKey() + "' " + difference.get());
            }
        }
        return Optional.empty();
    }
}
