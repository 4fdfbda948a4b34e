package dev.modelserving.codec;

import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * Checks inputs without elements: they go only to models that can take them, and their other dimensions, which no data
 * holds down, do not make the model work for hours on nothing.
 */
final class EmptyInputs {
    private static final long MOST_OF_NOTHING = 1 << 16;

    private EmptyInputs() {}

    static void check(ModelSignature signature, Map<String, Shape> shapes, Problems problems) {
        for (TensorSpec spec : signature.inputs()) {
            Shape shape = shapes.get(spec.name());
            if (shape != null && isEmpty(shape, 0)) {
                check(spec, shape, signature, problems);
            }
        }
    }

    private static void check(TensorSpec spec, Shape shape, ModelSignature signature, Problems problems) {
        List<String> operators = isEmpty(shape, 1)
                ? signature.limits().needElements()
                : signature.limits().needRows();
        if (!operators.isEmpty()) {
            String expected = "one at least; the model's " + String.join(", ", operators) + " cannot take none";
            problems.add(spec.name(), "has no elements:", expected, shape.toString());
        } else if (isTooLarge(spec.shape(), shape)) {
            String expected = "at most " + MOST_OF_NOTHING + " in its other dimensions";
            problems.add(spec.name(), "has no elements and is too large:", expected, shape.toString());
        }
    }

    private static boolean isTooLarge(Shape declared, Shape shape) {
        long size = 1;
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (declared.dimension(axis) == Shape.DYNAMIC && shape.dimension(axis) > 0) {
                if (shape.dimension(axis) > MOST_OF_NOTHING / size) {
                    return true;
                }
                size *= shape.dimension(axis);
            }
        }
        return false;
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
