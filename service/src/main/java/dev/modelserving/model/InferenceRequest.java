package dev.modelserving.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one prediction is asked for. Whoever makes it has checked it against the model's signature.
 *
 * @param inputs by name, every input of the model
 * @param outputs the names of the outputs to give, in the order to give them; empty: all of them in the model's order
 * @param timeout how long its caller waits from its arrival on, where the request says it
 */
public record InferenceRequest(Map<String, Tensor> inputs, List<String> outputs, Optional<Duration> timeout) {
    public InferenceRequest {
        inputs = Map.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Of a caller that waits as long as it takes. */
    public InferenceRequest(Map<String, Tensor> inputs, List<String> outputs) {
        this(inputs, outputs, Optional.empty());
    }
}
