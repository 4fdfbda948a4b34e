package dev.modelserving.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies what a run gave into tensors of ours. A sequence of maps (scikit-learn's ZipMap) becomes one tensor [rows,
 * classes] with the classes in ascending order; a sequence of tensors of one shape becomes one tensor with the sequence as
 * its first axis.
 */
final class OrtOutputs {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, ClassLabels> classes = new LinkedHashMap<>();
    private final Set<String> sequences = new HashSet<>();

    /** Copies {@code value}, which stays the caller's to close. */
    void add(TensorSpec spec, OnnxValue value) throws OrtException {
        String name = spec.name();
        if (value instanceof OnnxTensor tensor) {
            tensors.put(name, copy(tensor));
        } else if (value instanceof OnnxSequence sequence) {
            addSequence(spec, sequence);
        } else {
            throw new InferenceException(
                    Kind.MODEL_FAILED,
                    "output '" + name + "' is a " + value.getType() + " (expected: a tensor or a sequence)");
        }
    }

    InferenceResponse response() {
        return new InferenceResponse(tensors, classes, sequences);
    }

    private void addSequence(TensorSpec spec, OnnxSequence sequence) throws OrtException {
        // Without an element ONNX Runtime does not know what the elements would be.
        List<? extends OnnxValue> elements = sequence.getInfo().length == 0 ? List.of() : sequence.getValue();
        try {
            // An empty one does not say what it would hold; only maps are declared with rows and columns.
            if (sequence.getInfo().isSequenceOfMaps()
                    || (elements.isEmpty() && spec.shape().rank() == 2)) {
                addMaps(spec.name(), elements, hasIntegers(sequence));
            } else {
                tensors.put(spec.name(), stacked(spec, elements));
                sequences.add(spec.name());
            }
        } finally {
            for (OnnxValue element : elements) {
                element.close();
            }
        }
    }

    private static boolean hasIntegers(OnnxSequence sequence) {
        return sequence.getInfo().isSequenceOfMaps() && sequence.getInfo().mapInfo.keyType != OnnxJavaType.STRING;
    }

    private void addMaps(String name, List<? extends OnnxValue> maps, boolean integers) throws OrtException {
        OrtClassScores scores = new OrtClassScores(name, integers);
        for (OnnxValue map : maps) {
            scores.add((OnnxMap) map);
        }
        tensors.put(name, scores.tensor());
        classes.put(name, scores.labels());
    }

    private static Tensor stacked(TensorSpec spec, List<? extends OnnxValue> elements) throws OrtException {
        List<Tensor> parts = new ArrayList<>();
        for (OnnxValue element : elements) {
            Tensor part = copy((OnnxTensor) element);
            if (!parts.isEmpty() && !parts.get(0).shape().equals(part.shape())) {
                throw new InferenceException(
                        Kind.MODEL_FAILED,
                        "output '" + spec.name() + "' is a sequence of tensors of different shapes, "
                                + parts.get(0).shape() + " and " + part.shape()
                                + " (expected: one shape). Pad them inside the model, or give them as outputs of their own");
            }
            parts.add(part);
        }
        if (parts.isEmpty()) {
            return spec.type() == TensorType.BYTES
                    ? new Tensor.Strings(Shape.of(0), List.of())
                    : new Tensor.Numbers(spec.type(), Shape.of(0), buffer(0));
        }
        return stacked(parts);
    }

    private static Tensor stacked(List<Tensor> parts) {
        Shape inner = parts.get(0).shape();
        long[] dimensions = new long[inner.rank() + 1];
        dimensions[0] = parts.size();
        System.arraycopy(inner.toArray(), 0, dimensions, 1, inner.rank());
        Shape shape = Shape.of(dimensions);
        if (parts.get(0) instanceof Tensor.Numbers first) {
            ByteBuffer all = buffer(Math.multiplyExact(first.data().remaining(), parts.size()));
            parts.forEach(part -> all.put(((Tensor.Numbers) part).data().duplicate()));
            return new Tensor.Numbers(first.type(), shape, all.flip());
        }
        List<String> all = new ArrayList<>();
        parts.forEach(part -> all.addAll(((Tensor.Strings) part).elements()));
        return new Tensor.Strings(shape, all);
    }

    private static Tensor copy(OnnxTensor tensor) {
        Shape shape = Shape.of(tensor.getInfo().getShape());
        TensorType type = OrtSignature.type(tensor.getInfo().onnxType)
                .orElseThrow(() -> new IllegalStateException("an element type that was refused at loading"));
        return type == TensorType.BYTES
                ? new Tensor.Strings(shape, OrtNative.get().strings(tensor))
                : new Tensor.Numbers(type, shape, tensor.getByteBuffer());
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }
}
