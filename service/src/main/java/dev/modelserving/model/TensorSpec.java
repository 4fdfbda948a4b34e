package dev.modelserving.model;

/**
 * What a model declares of one input or output.
 *
 * @param shape dynamic dimensions are -1. An output's declared shape is a hint only: converters get it wrong
 */
public record TensorSpec(String name, TensorType type, Shape shape) {}
