package dev.modelserving.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Elements of one type in row-major order, with their shape. Not to be changed once it is made. */
public sealed interface Tensor {
    TensorType type();

    /** Without dynamic dimensions. */
    Shape shape();

    /**
     * Every type of fixed width. BOOL is one byte, 0 or 1.
     *
     * @param data the elements from position to limit, in native byte order. An input's is direct, so that the runtime
     *     reads it in place
     */
    record Numbers(TensorType type, Shape shape, ByteBuffer data) implements Tensor {
        /** @throws IllegalArgumentException when the data is not what type and shape say */
        public Numbers {
            if (type == TensorType.BYTES) {
                throw new IllegalArgumentException("BYTES has no fixed width");
            }
            if (data.order() != ByteOrder.nativeOrder()) {
                throw new IllegalArgumentException("tensor data must be in native byte order");
            }
            if (shape.elementCount() != data.remaining() / type.byteSize() || data.remaining() % type.byteSize() != 0) {
                throw new IllegalArgumentException(
                        type + " " + shape + " has not " + data.remaining() + " bytes of data");
            }
        }
    }

    /** Strings. */
    record Strings(Shape shape, List<String> elements) implements Tensor {
        /** @throws IllegalArgumentException when the number of elements is not what the shape says */
        public Strings {
            elements = List.copyOf(elements);
            if (shape.elementCount() != elements.size()) {
                throw new IllegalArgumentException("BYTES " + shape + " has not " + elements.size() + " elements");
            }
        }

        @Override
        public TensorType type() {
            return TensorType.BYTES;
        }
    }
}
