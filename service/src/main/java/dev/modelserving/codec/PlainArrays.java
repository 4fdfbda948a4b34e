package dev.modelserving.codec;

import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.util.Arrays;

/** Reads one tensor's elements, flat or in arrays in arrays, that are of one length at each depth. */
final class PlainArrays {
    private final PlainBytes bytes;
    private final int rank;
    private final long[] lengths;
    private final PlainElements elements;

    private PlainArrays(PlainBytes bytes, long[] lengths, PlainElements elements) {
        this.bytes = bytes;
        this.rank = lengths.length;
        this.lengths = lengths;
        this.elements = elements;
    }

    /** Reads the {@code data} of a tensor whose shape is said. */
    static Tensor data(PlainBytes bytes, TensorSpec spec, Shape shape, TensorRoom room) {
        long count = shape.saturatedElementCount();
        if (count == 0 || count > TensorRoom.mostElements(bytes.unread()) || shape.rank() == 0) {
            throw NotPlain.it();
        }
        PlainElements elements = PlainElements.counted(bytes, spec.type(), (int) count, room);
        bytes.expect('[');
        if (bytes.peek() == '[') {
            new PlainArrays(bytes, shape.toArray(), elements).readEntered(0);
        } else {
            elements.readRow();
        }
        if (elements.count() != count) {
            throw NotPlain.it();
        }
        return new Tensor.Numbers(spec.type(), shape, elements.target());
    }

    /** Reads arrays as deep as the declared shape is, whose lengths show as they come; the first one is entered. */
    static Tensor nested(PlainBytes bytes, TensorSpec spec, TensorRoom room) {
        long[] lengths = new long[spec.shape().rank()];
        if (lengths.length == 0) {
            throw NotPlain.it();
        }
        Arrays.fill(lengths, Shape.DYNAMIC);
        PlainElements elements = PlainElements.uncounted(bytes, spec.type(), room);
        new PlainArrays(bytes, lengths, elements).readEntered(0);
        Shape shape = Shape.of(lengths);
        if (!spec.shape().accepts(shape)) {
            throw NotPlain.it();
        }
        return new Tensor.Numbers(spec.type(), shape, elements.target());
    }

    /** The array at {@code depth} is entered, and passed afterwards. */
    private void readEntered(int depth) {
        long length = 0;
        if (depth == rank - 1) {
            length = elements.readRow();
        } else {
            do {
                bytes.expect('[');
                readEntered(depth + 1);
                length++;
            } while (bytes.passes(','));
            bytes.expect(']');
        }
        if (lengths[depth] == Shape.DYNAMIC) {
            lengths[depth] = length;
        } else if (lengths[depth] != length) {
            throw NotPlain.it();
        }
    }
}
