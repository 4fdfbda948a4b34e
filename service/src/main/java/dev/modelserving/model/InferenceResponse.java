package dev.modelserving.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one prediction gave.
 *
 * @param outputs by name, in the order that was asked for
 * @param classes what the columns of an output stand for, where the model says so
 */
public record InferenceResponse(Map<String, Tensor> outputs, Map<String, ClassLabels> classes) {
    public InferenceResponse {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        classes = Map.copyOf(classes);
    }

    /** Without classes. */
    public InferenceResponse(Map<String, Tensor> outputs) {
        this(outputs, Map.of());
    }
}
