package dev.modelserving.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one prediction gave.
 *
 * @param outputs by name, in the order that was asked for
 */
public record InferenceResponse(Map<String, Tensor> outputs) {
    public InferenceResponse {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }
}
