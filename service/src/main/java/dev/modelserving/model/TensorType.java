package dev.modelserving.model;

import java.util.Optional;

/**
 * The element types that are served, by their names in the Open Inference Protocol (version 2, "Tensor Data Types").
 */
public enum TensorType {
    BOOL(1),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    UINT8(1),
    /** Unsigned; an output's only, because ONNX Runtime for Java takes no such input. */
    UINT16(2),
    /** Unsigned; an output's only. */
    UINT32(4),
    /** Unsigned; an output's only. */
    UINT64(8),
    /** IEEE 754 binary16. */
    FP16(2),
    /** The upper half of an FP32 (bfloat16). */
    BF16(2),
    FP32(4),
    FP64(8),
    /** Strings of any length; in JSON, strings of Unicode characters. */
    BYTES(0);

    private final int byteSize;

    TensorType(int byteSize) {
        this.byteSize = byteSize;
    }

    /** The bytes that one element takes in a buffer; 0 for {@link #BYTES}, whose elements differ in length. */
    public int byteSize() {
        return byteSize;
    }

    /** Whether the elements are floating-point numbers, which may be NaN or infinite. */
    public boolean isFloating() {
        return switch (this) {
            case FP16, BF16, FP32, FP64 -> true;
            default -> false;
        };
    }

    /** The type of that name, which is case-sensitive as in the protocol. */
    public static Optional<TensorType> named(String name) {
        for (TensorType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
