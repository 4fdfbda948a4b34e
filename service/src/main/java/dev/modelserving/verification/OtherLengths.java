package dev.modelserving.verification;

import dev.modelserving.batching.BatchKey;
import dev.modelserving.codec.Example;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * Requests of inner shapes that no example has, where the model leaves them open: texts one token longer, or half as long.
 * A reshape where a transposition was meant is right for one length and wrong for all others. Axes of one size keep one.
 */
final class OtherLengths {
    private static final List<LongUnaryOperator> CHANGES =
            List.of(length -> length + 1, length -> Math.max(1, length / 2));

    private OtherLengths() {}

    /**
     * For each new inner shape its rows, without answers.
     *
     * @param known the inner shapes of the examples
     */
    static List<List<Example>> of(ModelSignature signature, List<Example> examples, Set<BatchKey> known) {
        Map<BatchKey, List<Example>> others = new LinkedHashMap<>();
        for (LongUnaryOperator change : CHANGES) {
            for (Example example : examples) {
                for (InferenceRequest row : ShapeProof.rows(List.of(example))) {
                    InferenceRequest other = changed(row, signature, change);
                    BatchKey key = BatchKey.of(other);
                    if (!known.contains(key)) {
                        others.computeIfAbsent(key, none -> new ArrayList<>())
                                .add(new Example(example.name(), other, Map.of(), example.tolerance()));
                    }
                }
            }
        }
        return List.copyOf(others.values());
    }

    private static InferenceRequest changed(InferenceRequest row, ModelSignature signature, LongUnaryOperator change) {
        Map<String, Tensor> inputs = new HashMap<>();
        for (TensorSpec spec : signature.inputs()) {
            Tensor tensor = row.inputs().get(spec.name());
            if (tensor != null) {
                inputs.put(spec.name(), withShape(tensor, changed(tensor.shape(), spec.shape(), change)));
            }
        }
        return new InferenceRequest(inputs, row.outputs());
    }

    private static Shape changed(Shape shape, Shape declared, LongUnaryOperator change) {
        long[] dimensions = shape.toArray();
        for (int axis = 1; axis < dimensions.length; axis++) {
            if (declared.dimension(axis) == Shape.DYNAMIC && dimensions[axis] > 0) {
                dimensions[axis] = change.applyAsLong(dimensions[axis]);
            }
        }
        return Shape.of(dimensions);
    }

    /** Repeats or leaves off the last elements. */
    private static Tensor withShape(Tensor tensor, Shape shape) {
        int before = Math.toIntExact(tensor.shape().elementCount());
        int count = Math.toIntExact(shape.elementCount());
        if (before == 0 || shape.equals(tensor.shape())) {
            return tensor;
        }
        if (tensor instanceof Tensor.Strings strings) {
            List<String> elements = new ArrayList<>();
            for (int index = 0; index < count; index++) {
                elements.add(strings.elements().get(index % before));
            }
            return new Tensor.Strings(shape, elements);
        }
        int width = tensor.type().byteSize();
        ByteBuffer from = ((Tensor.Numbers) tensor).data();
        ByteBuffer data = ByteBuffer.allocateDirect(count * width).order(ByteOrder.nativeOrder());
        for (int index = 0; index < count; index++) {
            data.put(index * width, from, from.position() + index % before * width, width);
        }
        return new Tensor.Numbers(tensor.type(), shape, data);
    }
}
