package dev.modelserving.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Reads a session's signature, and refuses what cannot be served. */
final class OrtSignature {
    private OrtSignature() {}

    static ModelSignature of(OrtSession session) throws OrtException, ModelLoadException {
        return new ModelSignature(
                specs("input", session.getInputInfo().values()),
                specs("output", session.getOutputInfo().values()));
    }

    private static List<TensorSpec> specs(String role, Collection<NodeInfo> nodes) throws ModelLoadException {
        List<TensorSpec> specs = new ArrayList<>();
        for (NodeInfo node : nodes) {
            specs.add(spec(role, node));
        }
        return specs;
    }

    private static TensorSpec spec(String role, NodeInfo node) throws ModelLoadException {
        ValueInfo info = node.getInfo();
        if (!(info instanceof TensorInfo tensor)) {
            throw new ModelLoadException(role + " '" + node.getName() + "' is a "
                    + info.getClass().getSimpleName().replace("Info", "").toLowerCase(Locale.ROOT)
                    + " (expected: a tensor). From scikit-learn, export with options={\"zipmap\": False}");
        }
        return new TensorSpec(node.getName(), type(role, node.getName(), tensor), Shape.of(tensor.getShape()));
    }

    private static TensorType type(String role, String name, TensorInfo tensor) throws ModelLoadException {
        return switch (tensor.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> TensorType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> TensorType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> TensorType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> TensorType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> TensorType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> TensorType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> TensorType.FP32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> TensorType.FP64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> TensorType.BYTES;
            default ->
                throw new ModelLoadException(role + " '" + name + "' has elements of type "
                        + tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "")
                        + " (expected: one of " + List.of(TensorType.values()) + ")");
        };
    }
}
