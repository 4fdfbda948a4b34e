package dev.modelserving.model;

import java.util.List;

/**
 * The operators of a model that would crash the process on a tensor without elements.
 *
 * @param needRows those that need a first dimension of 1 at least
 * @param needElements those that need every dimension to be 1 at least
 */
public record OperatorLimits(List<String> needRows, List<String> needElements) {
    /** No such operator. */
    public static final OperatorLimits NONE = new OperatorLimits(List.of(), List.of());

    public OperatorLimits {
        needRows = List.copyOf(needRows);
        needElements = List.copyOf(needElements);
    }
}
