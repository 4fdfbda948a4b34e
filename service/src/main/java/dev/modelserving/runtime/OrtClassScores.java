package dev.modelserving.runtime;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OrtException;
import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Gathers the maps of a ZipMap, one a row from class to score, into a tensor with one column a class. Classes ascend:
 * integers by value, strings by code point.
 */
final class OrtClassScores {
    private static final Comparator<String> BY_CODE_POINT = (a, b) -> {
        int difference = mismatch(a, b);
        return difference < 0
                ? Integer.compare(a.length(), b.length())
                : Integer.compare(a.codePointAt(difference), b.codePointAt(difference));
    };

    private final String output;
    private final boolean integers;
    private final List<SortedMap<String, Float>> rows = new ArrayList<>();

    OrtClassScores(String output, boolean integers) {
        this.output = output;
        this.integers = integers;
    }

    void add(OnnxMap map) throws OrtException {
        SortedMap<String, Float> row =
                new TreeMap<>(integers ? Comparator.comparingLong(Long::parseLong) : BY_CODE_POINT);
        if (integers) {
            for (Map.Entry<?, ?> score : map.getValue().entrySet()) {
                row.put(String.valueOf(score.getKey()), (Float) score.getValue());
            }
        } else {
            List<String> names = OrtNative.get().keys(map);
            float[] scores = OrtNative.get().floats(map);
            for (int index = 0; index < scores.length; index++) {
                row.put(names.get(index), scores[index]);
            }
        }
        if (!rows.isEmpty() && !rows.get(0).keySet().equals(row.keySet())) {
            throw new InferenceException(
                    Kind.MODEL_FAILED,
                    "output '" + output + "' has other classes in row " + rows.size() + " than in the first");
        }
        rows.add(row);
    }

    /** Without a row there is no telling how many classes there are: [0, 0]. */
    Tensor tensor() {
        int columns = labels().names().size();
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(rows.size() * Float.BYTES, columns))
                .order(ByteOrder.nativeOrder());
        rows.forEach(row -> row.values().forEach(data::putFloat));
        return new Tensor.Numbers(TensorType.FP32, Shape.of(rows.size(), columns), data.flip());
    }

    ClassLabels labels() {
        return new ClassLabels(
                rows.isEmpty() ? List.of() : List.copyOf(rows.get(0).keySet()), integers);
    }

    private static int mismatch(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int index = 0; index < shorter; index = a.offsetByCodePoints(index, 1)) {
            if (a.codePointAt(index) != b.codePointAt(index)) {
                return index;
            }
        }
        return -1;
    }
}
