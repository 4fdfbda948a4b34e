package dev.modelserving.verification;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes tensors apart along their first axis. What is taken lies where the whole does. */
final class Rows {
    private Rows() {}

    /** @param request whose inputs have more than {@code row} rows each */
    static InferenceRequest one(InferenceRequest request, int row) {
        Map<String, Tensor> inputs = new HashMap<>();
        request.inputs().forEach((name, tensor) -> inputs.put(name, one(tensor, row)));
        return new InferenceRequest(inputs, request.outputs());
    }

    static Tensor one(Tensor tensor, int row) {
        long[] dimensions = tensor.shape().toArray();
        int rows = Math.toIntExact(dimensions[0]);
        dimensions[0] = 1;
        if (tensor instanceof Tensor.Strings strings) {
            int width = strings.elements().size() / rows;
            return new Tensor.Strings(Shape.of(dimensions), strings.elements().subList(row * width, (row + 1) * width));
        }
        ByteBuffer data = ((Tensor.Numbers) tensor).data();
        int width = data.remaining() / rows;
        ByteBuffer slice = data.slice(data.position() + row * width, width).order(ByteOrder.nativeOrder());
        return new Tensor.Numbers(tensor.type(), Shape.of(dimensions), slice);
    }

    /** None of a tensor that is not there. */
    static List<Tensor> all(@Nullable Tensor tensor) {
        List<Tensor> rows = new ArrayList<>();
        for (int row = 0; tensor != null && row < tensor.shape().dimension(0); row++) {
            rows.add(one(tensor, row));
        }
        return rows;
    }

    /** The bytes of the numbers, and the characters of the strings. */
    static long bytes(Map<String, Tensor> tensors) {
        long bytes = 0;
        for (Tensor tensor : tensors.values()) {
            bytes += tensor instanceof Tensor.Numbers numbers
                    ? numbers.data().remaining()
                    : ((Tensor.Strings) tensor)
                            .elements().stream().mapToLong(String::length).sum();
        }
        return bytes;
    }
}
