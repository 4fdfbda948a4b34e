package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What requests to one model must have in common to be joined, and to cost the same by the row.
 *
 * @param inputs in the order of their names
 * @param outputs that are asked for, in this order
 */
public record BatchKey(List<Input> inputs, List<String> outputs) {
    /**
     * One input without its first axis.
     *
     * @param inner the dimensions of one row
     * @param scalar whether there is no first axis
     */
    public record Input(String name, TensorType type, Shape inner, boolean scalar) {}

    public BatchKey {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public static BatchKey of(InferenceRequest request) {
        List<Input> inputs = new ArrayList<>();
        for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) {
            Shape shape = input.getValue().shape();
            Shape inner = shape.rank() == 0 ? shape : Shape.of(Arrays.copyOfRange(shape.toArray(), 1, shape.rank()));
            inputs.add(new Input(input.getKey(), input.getValue().type(), inner, shape.rank() == 0));
        }
        inputs.sort(Comparator.comparing(Input::name));
        return new BatchKey(inputs, request.outputs());
    }

    /** Whether this is the key of {@code request}; makes no object. */
    boolean matches(InferenceRequest request) {
        if (request.inputs().size() != inputs.size() || !request.outputs().equals(outputs)) {
            return false;
        }
        for (int index = 0; index < inputs.size(); index++) {
            Input input = inputs.get(index);
            Tensor tensor = request.inputs().get(input.name());
            if (tensor == null || tensor.type() != input.type() || !hasInner(input, tensor.shape())) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasInner(Input input, Shape shape) {
        if (input.scalar() || shape.rank() == 0) {
            return input.scalar() && shape.rank() == 0;
        }
        if (shape.rank() != input.inner().rank() + 1) {
            return false;
        }
        for (int axis = 1; axis < shape.rank(); axis++) {
            if (shape.dimension(axis) != input.inner().dimension(axis - 1)) {
                return false;
            }
        }
        return true;
    }
}
