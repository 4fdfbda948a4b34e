package dev.modelserving.codec;

import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tensors behind the JSON of a request, one after the other ("Binary Tensor Data Extension" of the Open Inference Protocol):
 * little-endian and row-major, BOOL as bytes 0 and 1, strings each behind its length in four bytes. Numbers are copied once,
 * into the tensor's memory. For one request.
 */
final class BinaryData {
    private static final int PREFIX = Integer.BYTES;

    private final RequestBody body;
    private final String what;
    private final TensorMemory memory;
    private final Problems problems;
    private int position;

    /** @param from where the data begins */
    BinaryData(RequestBody body, int from, TensorMemory memory, Problems problems) {
        this(body, "binary data", from, memory, problems);
    }

    /**
     * @param what the data is called in messages
     * @param from where the data begins
     */
    BinaryData(RequestBody body, String what, int from, TensorMemory memory, Problems problems) {
        this.body = body;
        this.what = what;
        this.position = from;
        this.memory = memory;
        this.problems = problems;
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException("binary tensors on a big-endian machine");
        }
    }

    int unread() {
        return body.length() - position;
    }

    /** Passes {@code size} bytes, or what there is. */
    void skip(long size) {
        position += (int) Math.min(size, unread());
    }

    /** The next {@code size} bytes as a tensor, which are passed. Nothing when there were problems. */
    Optional<Tensor> read(String input, TensorType type, Shape shape, long size) {
        int begin = position;
        if (size > unread()) {
            problems.add(input, what + " has", size + " bytes, as binary_data_size says", unread() + " bytes");
            skip(size);
            return Optional.empty();
        }
        skip(size);
        return type == TensorType.BYTES
                ? strings(input, shape, begin, (int) size)
                : numbers(input, type, shape, begin, (int) size);
    }

    private Optional<Tensor> numbers(String input, TensorType type, Shape shape, int begin, int size) {
        if (size % type.byteSize() != 0 || size / type.byteSize() != shape.saturatedElementCount()) {
            problems.add(input, what + " has", expected(type, shape), size + " bytes");
            return Optional.empty();
        }
        ByteBuffer data = memory.allocate(size);
        body.copy(begin, data.duplicate());
        if (type == TensorType.BOOL) {
            for (int index = 0; index < size; index++) {
                if ((data.get(index) & ~1) != 0) {
                    problems.add(input, what + "[" + index + "] is", "0 or 1", "" + (data.get(index) & 0xFF));
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new Tensor.Numbers(type, shape, data));
    }

    private static String expected(TensorType type, Shape shape) {
        long count = shape.saturatedElementCount();
        String elements = type + " " + shape + ", " + type.byteSize() + " bytes each";
        return count > Integer.MAX_VALUE ? elements : count * type.byteSize() + " bytes (" + elements + ")";
    }

    private Optional<Tensor> strings(String input, Shape shape, int begin, int size) {
        byte[] bytes = new byte[size];
        body.copy(begin, bytes, 0, size);
        ByteBuffer left = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<String> elements = new ArrayList<>();
        while (left.hasRemaining()) {
            String where = what + "[" + elements.size() + "]";
            if (left.remaining() < PREFIX) {
                problems.add(input, where + " has", "a length of four bytes", left.remaining() + " bytes");
                return Optional.empty();
            }
            int length = left.getInt();
            if (length < 0 || length > left.remaining()) {
                String said = Integer.toUnsignedString(length) + " bytes, as its length says";
                problems.add(input, where + " has", said, left.remaining() + " bytes");
                return Optional.empty();
            }
            try {
                elements.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(left.slice().limit(length))
                        .toString());
            } catch (CharacterCodingException e) {
                problems.add(input, where + " is", "text in UTF-8", "other bytes");
                return Optional.empty();
            }
            left.position(left.position() + length);
        }
        if (elements.size() != shape.saturatedElementCount()) {
            problems.add(
                    input,
                    what + " has",
                    shape.saturatedElementCount() + " elements, as shape " + shape + " says",
                    elements.size() + " elements");
            return Optional.empty();
        }
        return Optional.of(new Tensor.Strings(shape, elements));
    }

    /** Every byte has to belong to a tensor. */
    void requireEnd() {
        if (unread() > 0) {
            problems.add("body", "has behind its last tensor", "no more bytes", unread() + " bytes");
        }
    }
}
