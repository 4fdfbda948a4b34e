package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.Shape;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes a tensor's elements, flat or nested. NaN and the infinities become the strings {@code "NaN"},
 * {@code "Infinity"}, {@code "-Infinity"}; other numbers have the fewest digits that read back exactly.
 */
final class ElementWriter {
    private final JsonGenerator json;

    ElementWriter(JsonGenerator json) {
        this.json = json;
    }

    /** One array with all elements in row-major order. */
    void writeFlat(Tensor tensor) throws IOException {
        json.writeStartArray();
        int count = Math.toIntExact(tensor.shape().elementCount());
        for (int index = 0; index < count; index++) {
            writeElement(tensor, index);
        }
        json.writeEndArray();
    }

    /** Arrays in arrays as the shape is; a scalar is its element. */
    void writeNested(Tensor tensor) throws IOException {
        writeNested(tensor, 0, 0);
    }

    /** The same for one row, which is what the first axis counts. */
    void writeRow(Tensor tensor, int row) throws IOException {
        writeNested(tensor, 1, Math.toIntExact(row * stride(tensor.shape(), 1)));
    }

    /** One row of a tensor [rows, classes] as an object with a field for each class. */
    void writeRow(Tensor tensor, int row, ClassLabels classes) throws IOException {
        json.writeStartObject();
        int columns = classes.names().size();
        for (int column = 0; column < columns; column++) {
            json.writeFieldName(classes.names().get(column));
            writeElement(tensor, row * columns + column);
        }
        json.writeEndObject();
    }

    private void writeNested(Tensor tensor, int axis, int first) throws IOException {
        if (axis == tensor.shape().rank()) {
            writeElement(tensor, first);
            return;
        }
        json.writeStartArray();
        int stride = Math.toIntExact(stride(tensor.shape(), axis + 1));
        for (int index = 0; index < tensor.shape().dimension(axis); index++) {
            writeNested(tensor, axis + 1, first + index * stride);
        }
        json.writeEndArray();
    }

    /** How many elements one step of the axis before {@code axis} passes over. */
    private static long stride(Shape shape, int axis) {
        long stride = 1;
        for (int inner = axis; inner < shape.rank(); inner++) {
            stride *= shape.dimension(inner);
        }
        return stride;
    }

    private void writeElement(Tensor tensor, int index) throws IOException {
        if (tensor instanceof Tensor.Strings strings) {
            json.writeString(strings.elements().get(index));
        } else if (tensor instanceof Tensor.Numbers numbers) {
            writeNumber(
                    numbers, numbers.data().position() + index * tensor.type().byteSize());
        }
    }

    private void writeNumber(Tensor.Numbers tensor, int at) throws IOException {
        ByteBuffer data = tensor.data();
        switch (tensor.type()) {
            case BOOL -> json.writeBoolean(data.get(at) != 0);
            case INT8 -> json.writeNumber(data.get(at));
            case UINT8 -> json.writeNumber(Byte.toUnsignedInt(data.get(at)));
            case INT16 -> json.writeNumber(data.getShort(at));
            case UINT16 -> json.writeNumber(Short.toUnsignedInt(data.getShort(at)));
            case INT32 -> json.writeNumber(data.getInt(at));
            case UINT32 -> json.writeNumber(Integer.toUnsignedLong(data.getInt(at)));
            case INT64 -> json.writeNumber(data.getLong(at));
            case UINT64 -> json.writeNumber(Long.toUnsignedString(data.getLong(at)));
            case FP16, BF16 -> json.writeNumber(ShortFloat.toFloat(tensor.type(), data.getShort(at)));
            // Jackson writes the non-finite ones as strings, JSON having no numbers for them.
            case FP32 -> json.writeNumber(data.getFloat(at));
            case FP64 -> json.writeNumber(data.getDouble(at));
            case BYTES -> throw new IllegalStateException("strings are not numbers");
        }
    }
}
