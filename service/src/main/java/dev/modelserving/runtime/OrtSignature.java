package dev.modelserving.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import ai.onnxruntime.ValueInfo;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.OperatorLimits;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a session's signature, and refuses what cannot be served, with what the exporter can do about it. */
final class OrtSignature {
    /**
     * What HotSpot's JNI makes of the first bytes of a character beyond U+FFFF in UTF-8: one character a byte, and the end
     * of the name cut off.
     */
    private static final Pattern MANGLED = Pattern.compile("[\\x{F0}-\\x{F4}][\\x{80}-\\x{9F}]|\\x{F0}$");

    private static final String CAST_INSIDE = "Cast it inside the model";

    private OrtSignature() {}

    static ModelSignature of(OrtSession session, OperatorLimits limits) throws OrtException, ModelLoadException {
        List<TensorSpec> inputs = new ArrayList<>();
        for (NodeInfo node : nodes("input", session.getInputNames(), session::getInputInfo)) {
            inputs.add(input(node.getName(), node.getInfo()));
        }
        List<TensorSpec> outputs = new ArrayList<>();
        for (NodeInfo node : nodes("output", session.getOutputNames(), session::getOutputInfo)) {
            outputs.add(output(node.getName(), node.getInfo()));
        }
        return new ModelSignature(inputs, outputs, limits);
    }

    private interface NodeInfos {
        Map<String, NodeInfo> read() throws OrtException;
    }

    /** Optional values are unknown to ONNX Runtime for Java: it cannot describe them, and crashes where one is absent. */
    private static Collection<NodeInfo> nodes(String role, Set<String> names, NodeInfos infos)
            throws OrtException, ModelLoadException {
        for (String name : names) {
            if (MANGLED.matcher(name).find()) {
                throw new ModelLoadException("the name of " + role + " " + Excerpt.quoted(name)
                        + " has characters beyond U+FFFF, which ONNX Runtime for Java cannot pass. Rename it");
            }
        }
        try {
            return infos.read().values();
        } catch (OrtException e) {
            if (e.getCode() != OrtException.OrtErrorCode.ORT_NOT_IMPLEMENTED) {
                throw e;
            }
            throw new ModelLoadException("one of the " + role + "s " + names
                    + " is of a type that ONNX Runtime for Java does not know, such as an optional (expected: a tensor)."
                    + " Export it as a plain tensor");
        }
    }

    private static TensorSpec input(String name, ValueInfo info) throws ModelLoadException {
        if (!(info instanceof TensorInfo tensor)) {
            throw new ModelLoadException("input '" + name + "' is " + kind(info)
                    + " (expected: a tensor). Take tensors, and make of them inside the model what it needs");
        }
        return switch (tensor.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> throw refused(name, "UINT16", "INT32");
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 ->
                throw refused(name, tensor.onnxType.name().replaceFirst(".*_", ""), "INT64");
            default -> spec("input", name, tensor);
        };
    }

    private static ModelLoadException refused(String name, String type, String instead) {
        return new ModelLoadException("input '" + name + "' has elements of type " + type
                + ", which ONNX Runtime for Java cannot pass. " + CAST_INSIDE + ": export it with an input of type "
                + instead + " and a Cast to " + type + " behind it");
    }

    private static TensorSpec output(String name, ValueInfo info) throws ModelLoadException {
        if (info instanceof TensorInfo tensor) {
            return spec("output", name, tensor);
        }
        if (info instanceof SequenceInfo sequence && sequence.isSequenceOfMaps()) {
            if (sequence.mapInfo.valueType != OnnxJavaType.FLOAT) {
                throw new ModelLoadException(
                        "output '" + name + "' is a sequence of maps to " + sequence.mapInfo.valueType
                                + " (expected: maps to FLOAT). From scikit-learn, export with options={\"zipmap\": False}");
            }
            return new TensorSpec(name, TensorType.FP32, Shape.of(Shape.DYNAMIC, Shape.DYNAMIC));
        }
        if (info instanceof SequenceInfo sequence && sequence.sequenceType != OnnxJavaType.UNKNOWN) {
            return new TensorSpec(name, type(sequence.sequenceType), Shape.of(Shape.DYNAMIC));
        }
        throw new ModelLoadException("output '" + name + "' is " + kind(info)
                + " (expected: a tensor, or a sequence of tensors or maps). Give it as a tensor");
    }

    private static TensorSpec spec(String role, String name, TensorInfo tensor) throws ModelLoadException {
        Optional<TensorType> type = type(tensor.onnxType);
        if (type.isEmpty()) {
            throw new ModelLoadException(role + " '" + name + "' has elements of type "
                    + tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "") + " (expected: one of "
                    + List.of(TensorType.values()) + "). " + CAST_INSIDE);
        }
        return new TensorSpec(name, type.get(), Shape.of(tensor.getShape()), Arrays.asList(tensor.getDimensionNames()));
    }

    private static String kind(ValueInfo info) {
        return "a " + info.getClass().getSimpleName().replace("Info", "").toLowerCase(Locale.ROOT);
    }

    /** Nothing for types that are not served. */
    static Optional<TensorType> type(OnnxTensorType type) {
        return switch (type) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> Optional.of(TensorType.BOOL);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> Optional.of(TensorType.INT8);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> Optional.of(TensorType.INT16);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> Optional.of(TensorType.INT32);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> Optional.of(TensorType.INT64);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> Optional.of(TensorType.UINT8);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> Optional.of(TensorType.UINT16);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> Optional.of(TensorType.UINT32);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> Optional.of(TensorType.UINT64);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> Optional.of(TensorType.FP16);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> Optional.of(TensorType.BF16);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> Optional.of(TensorType.FP32);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> Optional.of(TensorType.FP64);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> Optional.of(TensorType.BYTES);
            default -> Optional.empty();
        };
    }

    /** What a sequence's elements are declared as; it does not tell unsigned integers from signed ones. */
    static TensorType type(OnnxJavaType type) {
        return switch (type) {
            case BOOL -> TensorType.BOOL;
            case INT8 -> TensorType.INT8;
            case INT16 -> TensorType.INT16;
            case INT32 -> TensorType.INT32;
            case INT64 -> TensorType.INT64;
            case UINT8 -> TensorType.UINT8;
            case FLOAT16 -> TensorType.FP16;
            case BFLOAT16 -> TensorType.BF16;
            case FLOAT -> TensorType.FP32;
            case DOUBLE -> TensorType.FP64;
            case STRING -> TensorType.BYTES;
            case UNKNOWN -> throw new IllegalArgumentException("a sequence of unknown elements");
        };
    }
}
