package dev.modelserving.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tensors across the border to native code. What is made here is native memory and is the caller's to close. */
final class OrtTensors {
    private OrtTensors() {}

    /** Numbers are read by the runtime in place: their buffer must outlive the run. */
    static OnnxTensor toOrt(OrtEnvironment environment, String name, Tensor tensor) throws OrtException {
        if (tensor instanceof Tensor.Numbers numbers) {
            return OnnxTensor.createTensor(
                    environment, numbers.data(), numbers.shape().toArray(), javaType(numbers.type()));
        }
        Tensor.Strings strings = (Tensor.Strings) tensor;
        String[] elements = strings.elements().toArray(String[]::new);
        refuseWhatJniWouldChange(name, elements);
        return OnnxTensor.createTensor(environment, elements, strings.shape().toArray());
    }

    static Tensor fromOrt(TensorSpec spec, OrtSession.Result result) throws OrtException {
        OnnxValue value = result.get(spec.name()).orElseThrow();
        OnnxTensor tensor = (OnnxTensor) value;
        TensorInfo info = tensor.getInfo();
        Shape shape = Shape.of(info.getShape());
        if (spec.type() != TensorType.BYTES) {
            return new Tensor.Numbers(spec.type(), shape, tensor.getByteBuffer());
        }
        List<String> elements = new ArrayList<>();
        flatten(tensor.getValue(), elements);
        return new Tensor.Strings(shape, elements);
    }

    private static void flatten(Object value, List<String> elements) {
        if (value instanceof String text) {
            elements.add(text);
        } else {
            Arrays.stream((Object[]) value).forEach(part -> flatten(part, elements));
        }
    }

    /**
     * Strings cross JNI as modified UTF-8, in which NUL and characters beyond the Basic Multilingual Plane are written
     * otherwise than in UTF-8: the model would see other bytes than were sent, without any error.
     */
    private static void refuseWhatJniWouldChange(String name, String[] elements) {
        List<Problem> problems = new ArrayList<>();
        for (int index = 0; index < elements.length; index++) {
            if (elements[index].chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c))) {
                problems.add(new Problem(
                        name,
                        "data[" + index + "] has a character that cannot be passed to the model:",
                        "no NUL and no character beyond U+FFFF",
                        Excerpt.quoted(elements[index])));
            }
        }
        if (!problems.isEmpty()) {
            throw InferenceException.invalid(problems);
        }
    }

    private static OnnxJavaType javaType(TensorType type) {
        return switch (type) {
            case BOOL -> OnnxJavaType.BOOL;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case UINT8 -> OnnxJavaType.UINT8;
            case FP32 -> OnnxJavaType.FLOAT;
            case FP64 -> OnnxJavaType.DOUBLE;
            case BYTES -> OnnxJavaType.STRING;
        };
    }
}
