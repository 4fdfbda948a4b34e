package dev.modelserving.model;

import java.util.Collections;
import java.util.List;

/**
 * What a model declares of one input or output.
 *
 * @param shape dynamic dimensions are -1. An output's declared shape is a hint only: converters get it wrong
 * @param axes what the model calls each dimension; empty where it has no name for it. Dimensions of one name have one size
 *     in a request
 */
public record TensorSpec(String name, TensorType type, Shape shape, List<String> axes) {
    /** @throws IllegalArgumentException when there is not one name for each dimension */
    public TensorSpec {
        axes = List.copyOf(axes);
        if (axes.size() != shape.rank()) {
            throw new IllegalArgumentException("'" + name + "' " + shape + " has " + axes.size() + " names of axes");
        }
    }

    /** Without names of axes. */
    public TensorSpec(String name, TensorType type, Shape shape) {
        this(name, type, shape, Collections.nCopies(shape.rank(), ""));
    }
}
