package dev.modelserving.verification;

import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * Whether what a model declares of its inputs lets their first axes be a batch. Its outputs are not looked at: converters
 * declare them wrongly, and a run tells.
 */
final class BatchAxes {
    private BatchAxes() {}

    /** Why requests cannot be put together at all. */
    static Optional<String> obstacle(ModelSignature signature) {
        if (signature.inputs().isEmpty()) {
            return Optional.of("it has no inputs, so there is nothing to join");
        }
        for (TensorSpec input : signature.inputs()) {
            Shape shape = input.shape();
            if (shape.rank() == 0) {
                return Optional.of(
                        "input '" + input.name() + "' is a scalar, of which each request could not keep its own");
            }
            if (shape.dimension(0) != Shape.DYNAMIC) {
                return Optional.of("input '" + input.name() + "' has a fixed first axis of " + shape.dimension(0)
                        + " (shape " + shape + "), which cannot be the batch" + batchElsewhere(input, signature));
            }
        }
        return Optional.empty();
    }

    private static String batchElsewhere(TensorSpec input, ModelSignature signature) {
        for (int axis = 1; axis < input.axes().size(); axis++) {
            String name = input.axes().get(axis);
            boolean firstOfAnother = !name.isEmpty()
                    && signature.inputs().stream()
                            .anyMatch(other -> !other.axes().isEmpty()
                                    && other.axes().get(0).equals(name));
            if (firstOfAnother) {
                return ": its batch is on axis " + axis;
            }
        }
        return "";
    }

    /** Why the first axes are no batch, by their names. */
    static Optional<String> contradiction(ModelSignature signature) {
        List<String> names = signature.inputs().stream()
                .map(input -> input.axes().get(0))
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        if (names.size() > 1) {
            return Optional.of("the first axes of its inputs are named '" + names.get(0) + "' and '" + names.get(1)
                    + "', so they are no batch that the inputs share");
        }
        for (TensorSpec input : signature.inputs()) {
            for (int axis = 1; axis < input.axes().size(); axis++) {
                if (names.contains(input.axes().get(axis))) {
                    return Optional.of("axis " + axis + " of input '" + input.name() + "' is '" + names.get(0)
                            + "' like the first one, so it would grow with the batch");
                }
            }
        }
        return Optional.empty();
    }
}
