package dev.modelserving.model;

import java.util.List;
import java.util.Map;

/**
 * What one prediction is asked for. Whoever makes it has checked it against the model's signature.
 *
 * @param inputs by name, every input of the model
 * @param outputs the names of the outputs to give, in the order to give them; empty: all of them in the model's order
 */
public record InferenceRequest(Map<String, Tensor> inputs, List<String> outputs) {
    public InferenceRequest {
        inputs = Map.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
