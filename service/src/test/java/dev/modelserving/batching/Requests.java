package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Requests and tensors as tests write them. */
final class Requests {
    private Requests() {}

    static InferenceRequest of(String name, Tensor tensor) {
        return new InferenceRequest(Map.of(name, tensor), List.of());
    }

    /** Input {@code x} of shape [rows, 2], every element {@code value}. */
    static InferenceRequest rows(int rows, float value) {
        float[] elements = new float[rows * 2];
        Arrays.fill(elements, value);
        return of("x", floats(Shape.of(rows, 2), elements));
    }

    static Tensor floats(Shape shape, float... elements) {
        ByteBuffer data = ByteBuffer.allocate(elements.length * Float.BYTES).order(ByteOrder.nativeOrder());
        data.asFloatBuffer().put(elements);
        return new Tensor.Numbers(TensorType.FP32, shape, data);
    }

    static float[] floats(Tensor tensor) {
        ByteBuffer data = ((Tensor.Numbers) tensor).data();
        float[] elements = new float[data.remaining() / Float.BYTES];
        data.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer().get(elements);
        return elements;
    }
}
