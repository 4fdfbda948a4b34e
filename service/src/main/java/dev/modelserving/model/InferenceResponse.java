package dev.modelserving.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What one prediction gave.
 *
 * @param outputs by name, in the order that was asked for
 * @param classes what the columns of an output stand for, where the model says so
 * @param sequences the outputs that the model gives as a sequence, whose length is their first axis: it counts no rows
 */
public record InferenceResponse(Map<String, Tensor> outputs, Map<String, ClassLabels> classes, Set<String> sequences) {
    public InferenceResponse {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        classes = Map.copyOf(classes);
        sequences = Set.copyOf(sequences);
    }

    /** Plain tensors. */
    public InferenceResponse(Map<String, Tensor> outputs) {
        this(outputs, Map.of(), Set.of());
    }
}
