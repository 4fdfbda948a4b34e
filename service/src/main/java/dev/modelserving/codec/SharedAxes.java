package dev.modelserving.codec;

import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the inputs of a request against each other: axes that the model gives one name have one size. First axes without
 * a name and of any size are the batch: exporters that name nothing, such as skl2onnx, mean the rows by them.
 */
final class SharedAxes {
    private static final String BATCH = "";

    private record Size(long size, String input) {}

    private SharedAxes() {}

    static void check(List<TensorSpec> specs, Map<String, Shape> shapes, Problems problems) {
        Map<String, Size> sizes = new HashMap<>();
        for (TensorSpec spec : specs) {
            Shape shape = shapes.get(spec.name());
            for (int axis = 0; shape != null && axis < shape.rank(); axis++) {
                String name = spec.axes().get(axis);
                boolean shared = spec.shape().dimension(axis) == Shape.DYNAMIC && (axis == 0 || !name.isEmpty());
                if (shared) {
                    Size known = sizes.putIfAbsent(name, new Size(shape.dimension(axis), spec.name()));
                    if (known != null && known.size != shape.dimension(axis)) {
                        problems.add(spec.name(), "shape", expected(axis, name, known), shape.toString());
                    }
                }
            }
        }
    }

    private static String expected(int axis, String name, Size known) {
        String which = name.equals(BATCH) ? "dimension " + axis : "dimension " + axis + ", " + name + ",";
        return which + " of " + known.size + ", as input '" + known.input + "' has";
    }
}
