package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.Shape;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import java.nio.ByteBuffer;

/**
 * Writes a tensor's elements, flat or nested. NaN and the infinities become the strings {@code "NaN"},
 * {@code "Infinity"}, {@code "-Infinity"}; other numbers have the fewest digits that read back exactly.
 */
final class ElementWriter {
    private static final byte[] NAME = JsonBytes.literal("{'name':");
    private static final byte[] DATATYPE = JsonBytes.literal(",'datatype':");
    private static final byte[] SHAPE = JsonBytes.literal(",'shape':[");

    private final JsonBytes json;

    ElementWriter(JsonBytes json) {
        this.json = json;
    }

    /** The tensor's name, datatype and shape, in an object that is not ended. */
    void beginTensor(String name, Tensor tensor) {
        json.put(NAME);
        json.putString(name);
        json.put(DATATYPE);
        json.putString(tensor.type().name());
        json.put(SHAPE);
        for (int axis = 0; axis < tensor.shape().rank(); axis++) {
            json.separate(axis);
            json.putWhole(tensor.shape().dimension(axis));
        }
        json.put(']');
    }

    /** One array with all elements in row-major order. */
    void writeFlat(Tensor tensor) {
        json.put('[');
        writeElements(tensor, 0, Math.toIntExact(tensor.shape().elementCount()));
        json.put(']');
    }

    /** Arrays in arrays as the shape is; a scalar is its element. */
    void writeNested(Tensor tensor) {
        writeNested(tensor, 0, 0);
    }

    /** The same for one row, which is what the first axis counts. */
    void writeRow(Tensor tensor, int row) {
        writeNested(tensor, 1, Math.toIntExact(row * stride(tensor.shape(), 1)));
    }

    /** One row of a tensor [rows, classes] as an object with a field for each class. */
    void writeRow(Tensor tensor, int row, ClassLabels classes) {
        json.put('{');
        int columns = classes.names().size();
        for (int column = 0; column < columns; column++) {
            json.separate(column);
            json.putName(classes.names().get(column));
            writeElements(tensor, row * columns + column, 1);
        }
        json.put('}');
    }

    private void writeNested(Tensor tensor, int axis, int first) {
        Shape shape = tensor.shape();
        if (axis == shape.rank()) {
            writeElements(tensor, first, 1);
            return;
        }
        json.put('[');
        int length = Math.toIntExact(shape.dimension(axis));
        if (axis == shape.rank() - 1) {
            writeElements(tensor, first, length);
        } else {
            int stride = Math.toIntExact(stride(shape, axis + 1));
            for (int index = 0; index < length; index++) {
                json.separate(index);
                writeNested(tensor, axis + 1, first + index * stride);
            }
        }
        json.put(']');
    }

    /** How many elements one step of the axis before {@code axis} passes over. */
    private static long stride(Shape shape, int axis) {
        long stride = 1;
        for (int inner = axis; inner < shape.rank(); inner++) {
            stride *= shape.dimension(inner);
        }
        return stride;
    }

    /** With commas between them. */
    private void writeElements(Tensor tensor, int first, int count) {
        for (int index = first; index < first + count; index++) {
            json.separate(index - first);
            if (tensor instanceof Tensor.Strings strings) {
                json.putString(strings.elements().get(index));
            } else if (tensor instanceof Tensor.Numbers numbers) {
                writeNumber(
                        numbers,
                        numbers.data().position() + index * numbers.type().byteSize());
            }
        }
    }

    private void writeNumber(Tensor.Numbers tensor, int at) {
        ByteBuffer data = tensor.data();
        switch (tensor.type()) {
            case BOOL -> json.putBoolean(data.get(at) != 0);
            case INT8 -> json.putWhole(data.get(at));
            case UINT8 -> json.putWhole(Byte.toUnsignedInt(data.get(at)));
            case INT16 -> json.putWhole(data.getShort(at));
            case UINT16 -> json.putWhole(Short.toUnsignedInt(data.getShort(at)));
            case INT32 -> json.putWhole(data.getInt(at));
            case UINT32 -> json.putWhole(Integer.toUnsignedLong(data.getInt(at)));
            case INT64 -> json.putWhole(data.getLong(at));
            case UINT64 -> json.putUnsigned(data.getLong(at));
            case FP16, BF16 -> json.putFloat(ShortFloat.toFloat(tensor.type(), data.getShort(at)));
            case FP32 -> json.putFloat(data.getFloat(at));
            case FP64 -> json.putDouble(data.getDouble(at));
            case BYTES -> throw new IllegalStateException("strings are not numbers");
        }
    }
}
