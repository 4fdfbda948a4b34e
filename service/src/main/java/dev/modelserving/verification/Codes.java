package dev.modelserving.verification;

import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Changes what is not a floating-point number to what a model may know, too: an integer to its neighbour or to 0, which is
 * often a code of its own, a truth value, a text and its length.
 */
final class Codes {
    private Codes() {}

    /** A copy in which one element is another; the same tensor when it has none. */
    static Tensor changed(Tensor tensor, Random random) {
        int count = Math.toIntExact(tensor.shape().elementCount());
        if (count == 0 || tensor.type().isFloating()) {
            return tensor;
        }
        int place = random.nextInt(count);
        if (tensor instanceof Tensor.Strings strings) {
            List<String> elements = new ArrayList<>(strings.elements());
            String text = elements.get(place);
            elements.set(place, text.isEmpty() || random.nextInt(3) > 0 ? text + " " + text + "x" : "");
            return new Tensor.Strings(tensor.shape(), elements);
        }
        ByteBuffer from = ((Tensor.Numbers) tensor).data();
        ByteBuffer data = ByteBuffer.allocateDirect(from.remaining()).order(ByteOrder.nativeOrder());
        data.put(0, from, from.position(), from.remaining());
        change(tensor.type(), data, place * tensor.type().byteSize(), random.nextInt(3) - 1);
        return new Tensor.Numbers(tensor.type(), tensor.shape(), data);
    }

    /**
     * Never to the least INT32 or INT64, which ends the process on x86 where it is divided by -1.
     *
     * @param by 0: to 0
     */
    private static void change(TensorType type, ByteBuffer data, int at, int by) {
        switch (type.byteSize()) {
            case 1 -> data.put(at, (byte) (type == TensorType.BOOL ? 1 - data.get(at) : changed(data.get(at), by)));
            case 2 -> data.putShort(at, (short) changed(data.getShort(at), by));
            case 4 -> data.putInt(at, (int) changed(Math.max(data.getInt(at), 2L - Integer.MAX_VALUE), by));
            default -> data.putLong(at, changed(Math.max(data.getLong(at), 2 - Long.MAX_VALUE), by));
        }
    }

    private static long changed(long value, int by) {
        return by == 0 ? 0 : value + by;
    }
}
