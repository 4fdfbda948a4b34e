package dev.modelserving.codec;

import dev.modelserving.model.OperatorLimits;
import dev.modelserving.model.Shape;
import java.util.List;
import java.util.Map;

/** Checks that inputs without elements go only to models that can take them. */
final class EmptyInputs {
    private EmptyInputs() {}

    static void check(OperatorLimits limits, Map<String, Shape> shapes, Problems problems) {
        shapes.forEach((input, shape) -> {
            List<String> operators =
                    !isEmpty(shape, 0) ? List.of() : isEmpty(shape, 1) ? limits.needElements() : limits.needRows();
            if (!operators.isEmpty()) {
                problems.add(
                        input,
                        "has no elements:",
                        "one at least; the model's " + String.join(", ", operators) + " cannot take none",
                        shape.toString());
            }
        });
    }

    private static boolean isEmpty(Shape shape, int firstAxis) {
        for (int axis = firstAxis; axis < shape.rank(); axis++) {
            if (shape.dimension(axis) == 0) {
                return true;
            }
        }
        return false;
    }
}
