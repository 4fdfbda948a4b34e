package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.Shape;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An output as classes, as Triton's <a
 * href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md">classification
 * extension</a> has it: strings {@code value:index} or {@code value:index:label}, the highest value first. The first axis
 * of two or more counts rows, each of which is classified.
 */
final class Classification {
    private Classification() {}

    /**
     * @param most how many classes, of those that there are
     * @throws InferenceException INVALID_INPUT when the output has no numbers
     */
    static Tensor of(String output, Tensor tensor, int most, Optional<ClassLabels> labels) {
        if (!(tensor instanceof Tensor.Numbers numbers)) {
            throw InferenceException.invalid(List.of(new Problem(
                    output,
                    "cannot be classified:",
                    "an output of numbers",
                    tensor.type().name())));
        }
        Shape shape = numbers.shape();
        int rows = shape.rank() < 2 ? 1 : (int) shape.dimension(0);
        int columns = rows == 0 ? 0 : (int) (shape.elementCount() / rows);
        int count = Math.min(most, columns);
        List<String> classes = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            addRow(classes, numbers, row * columns, columns, count, labels);
        }
        return new Tensor.Strings(shape.rank() < 2 ? Shape.of(count) : Shape.of(rows, count), classes);
    }

    private static void addRow(
            List<String> classes,
            Tensor.Numbers numbers,
            int begin,
            int columns,
            int count,
            Optional<ClassLabels> labels) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, columns).boxed().toList());
        // NaN is above all numbers for Double.compare, and no class.
        Comparator<Integer> byValue = Comparator.comparingDouble(column -> {
            double value = value(numbers, begin + column);
            return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
        });
        order.sort(Collections.reverseOrder(byValue)); // stable: of equal ones the first
        for (int column : order.subList(0, count)) {
            String label = labels.filter(known -> column < known.names().size())
                    .map(known -> ":" + known.names().get(column))
                    .orElse("");
            classes.add(text(numbers, begin + column) + ":" + column + label);
        }
    }

    private static double value(Tensor.Numbers numbers, int index) {
        ByteBuffer data = numbers.data();
        int at = data.position() + index * numbers.type().byteSize();
        return switch (numbers.type()) {
            case BOOL, INT8 -> data.get(at);
            case UINT8 -> data.get(at) & 0xFF;
            case INT16 -> data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xFFFF;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xFFFF_FFFFL;
            case INT64 -> data.getLong(at);
            case UINT64 -> unsigned(data.getLong(at));
            case FP16, BF16 -> ShortFloat.toFloat(numbers.type(), data.getShort(at));
            case FP32 -> data.getFloat(at);
            case FP64 -> data.getDouble(at);
            case BYTES -> throw new IllegalArgumentException("strings have no values");
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }

    /** As {@code printf} of C writes them, which is what Triton does. */
    private static String text(Tensor.Numbers numbers, int index) {
        double value = value(numbers, index);
        if (!numbers.type().isFloating()) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%f", value) : Double.toString(value);
    }
}
