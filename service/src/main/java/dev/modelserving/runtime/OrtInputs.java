package dev.modelserving.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.util.List;

/** Tensors on their way to native code. What is made here is native memory and is the caller's to close. */
final class OrtInputs {
    private OrtInputs() {}

    /** Numbers are read by the runtime in place: their buffer must outlive the run. */
    static OnnxTensor toOrt(OrtEnvironment environment, Tensor tensor) throws OrtException {
        if (tensor instanceof Tensor.Numbers numbers) {
            return OnnxTensor.createTensor(
                    environment, numbers.data(), numbers.shape().toArray(), javaType(numbers.type()));
        }
        return strings(environment, (Tensor.Strings) tensor);
    }

    /** JNI passes most strings as they are, and fast; the others are put in their places behind it. */
    private static OnnxTensor strings(OrtEnvironment environment, Tensor.Strings strings) throws OrtException {
        String[] elements = strings.elements().toArray(String[]::new);
        boolean allPassed = true;
        for (int index = 0; index < elements.length; index++) {
            if (isChangedByJni(elements[index])) {
                elements[index] = "";
                allPassed = false;
            }
        }
        OnnxTensor tensor =
                OnnxTensor.createTensor(environment, elements, strings.shape().toArray());
        if (!allPassed) {
            setOthers(tensor, strings.elements());
        }
        return tensor;
    }

    private static void setOthers(OnnxTensor tensor, List<String> elements) {
        try {
            for (int index = 0; index < elements.size(); index++) {
                if (isChangedByJni(elements.get(index))) {
                    OrtNative.get().set(tensor, index, elements.get(index));
                }
            }
        } catch (RuntimeException e) {
            tensor.close();
            throw e;
        }
    }

    private static boolean isChangedByJni(String text) {
        for (int index = 0; index < text.length(); index++) {
            char c = text.charAt(index);
            if (c == 0 || Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    /** Whether tensors of the type can be made here. */
    static boolean isMade(TensorType type) {
        return switch (type) {
            case UINT16, UINT32, UINT64 -> false;
            default -> true;
        };
    }

    private static OnnxJavaType javaType(TensorType type) {
        return switch (type) {
            case BOOL -> OnnxJavaType.BOOL;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case UINT8 -> OnnxJavaType.UINT8;
            case FP16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case FP32 -> OnnxJavaType.FLOAT;
            case FP64 -> OnnxJavaType.DOUBLE;
            case BYTES -> OnnxJavaType.STRING;
            case UINT16, UINT32, UINT64 -> throw new IllegalArgumentException(type + " cannot be an input");
        };
    }
}
