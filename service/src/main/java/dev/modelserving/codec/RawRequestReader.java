package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.List;
import java.util.Map;

/**
 * A body that is nothing but the data of a model's only input ("Raw Binary Request" of the Open Inference Protocol's binary
 * extension). Its shape is what the model declares; one size may be open, which the length tells. It is answered in binary.
 */
final class RawRequestReader {
    private RawRequestReader() {}

    static PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory) {
        if (signature.inputs().size() != 1) {
            throw InferenceException.invalid(List.of(new Problem(
                    "body",
                    "is raw, without JSON:",
                    "a model with one input",
                    "a model with " + signature.inputs().size() + " inputs")));
        }
        TensorSpec spec = signature.inputs().get(0);
        Problems problems = new Problems();
        Shape shape = shape(spec, body.length());
        BinaryData data = new BinaryData(body, 0, memory, problems);
        Map<String, Tensor> inputs = data.read(spec.name(), spec.type(), shape, body.length())
                .map(tensor -> Map.of(spec.name(), tensor))
                .orElse(Map.of());
        problems.throwIfAny();
        return new PredictRequest(
                BodyForm.OIP,
                0,
                null,
                new InferenceRequest(inputs, List.of()),
                new OutputForms(true, Map.of(), Map.of()));
    }

    private static Shape shape(TensorSpec spec, int bytes) {
        long[] dimensions = spec.shape().toArray();
        int open = -1;
        long known = spec.type().byteSize();
        for (int axis = 0; axis < dimensions.length; axis++) {
            if (dimensions[axis] != Shape.DYNAMIC) {
                known *= dimensions[axis];
            } else if (open < 0) {
                open = axis;
            } else {
                throw unclear(spec, "at most one open size");
            }
        }
        if (open >= 0) {
            // One string has one element; of strings nobody knows how many there are before they are read.
            dimensions[open] = spec.type() == TensorType.BYTES || known == 0 ? 1 : bytes / known;
        }
        return Shape.of(dimensions);
    }

    private static InferenceException unclear(TensorSpec spec, String expected) {
        return InferenceException.invalid(List.of(new Problem(
                spec.name(),
                "has a shape that a raw body does not tell:",
                expected,
                spec.shape().toString())));
    }
}
