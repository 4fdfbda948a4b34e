package dev.modelserving.model;

import java.util.List;
import java.util.Optional;

/**
 * The inputs that a model takes and the outputs that it gives, in the model's order.
 *
 * @param limits which inputs without elements it cannot take
 */
public record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs, OperatorLimits limits) {
    public ModelSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Of a model that takes inputs without elements. */
    public ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        this(inputs, outputs, OperatorLimits.NONE);
    }

    public Optional<TensorSpec> input(String name) {
        return named(inputs, name);
    }

    public Optional<TensorSpec> output(String name) {
        return named(outputs, name);
    }

    public List<String> inputNames() {
        return inputs.stream().map(TensorSpec::name).toList();
    }

    public List<String> outputNames() {
        return outputs.stream().map(TensorSpec::name).toList();
    }

    private static Optional<TensorSpec> named(List<TensorSpec> specs, String name) {
        for (TensorSpec spec : specs) {
            if (spec.name().equals(name)) {
                return Optional.of(spec);
            }
        }
        return Optional.empty();
    }
}
