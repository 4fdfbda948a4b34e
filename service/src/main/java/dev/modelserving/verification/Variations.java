package dev.modelserving.verification;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Makes rows that nobody has sent out of those of the examples, the same ones for the same random numbers. Integers, truth values and strings
 * are those of the examples, mixed anew, or next to them: others may be no codes that the model knows. Floating-point
 * numbers are moved, too. Belongs to one thread.
 */
final class Variations {
    /** By how much the numbers of {@link Kind#LARGE} are larger. */
    static final double LARGE_FACTOR = 1000;

    private static final double[] SPECIALS = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

    /** Beyond that a sum of squares says nothing any more. */
    private static final double LARGEST_OF_SPREAD = 1e30;

    private final List<InferenceRequest> templates;
    private final List<InferenceRequest> donors;
    private final Random random;
    private final Map<String, Double> spreads = new HashMap<>();
    private int coded;

    /** What is done to a row. */
    enum Kind {
        /** Its floating-point numbers stay in the neighbourhood. */
        NEAR(""),
        ZERO("zeros"),
        LARGE("numbers " + (int) LARGE_FACTOR + " times as large"),
        /** One is not a finite number. */
        SPECIAL("NaN or an infinity"),
        /** An integer, a truth value or a string is one that no example may have. */
        CODES("other codes or texts");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** From where a row has its values. */
    private enum Mix {
        /** Each input of another row. */
        INPUTS,
        /** Each element of another row, from the same place. */
        PLACES,
        /** Each integer or string from anywhere in another row. */
        ANYWHERE
    }

    /**
     * @param templates rows of the inner shapes that are made
     * @param donors rows with values to take, of any inner shapes
     */
    Variations(List<InferenceRequest> templates, List<InferenceRequest> donors, Random random) {
        this.random = random;
        this.templates = templates.stream().filter(Variations::isHarmless).toList();
        this.donors = donors.stream().filter(Variations::isHarmless).toList();
    }

    /** Dividing the least integer by -1 ends the process on x86: it must not come together with what it was not with. */
    private static boolean isHarmless(InferenceRequest row) {
        for (Tensor tensor : row.inputs().values()) {
            if (tensor.type() == TensorType.INT32 || tensor.type() == TensorType.INT64) {
                ByteBuffer data = ((Tensor.Numbers) tensor).data();
                boolean wide = tensor.type() == TensorType.INT64;
                for (int at = data.position(); at < data.limit(); at += wide ? 8 : 4) {
                    if (wide ? data.getLong(at) == Long.MIN_VALUE : data.getInt(at) == Integer.MIN_VALUE) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Whether rows of this kind can be made. */
    boolean canMake(Kind kind) {
        return !templates.isEmpty()
                && (kind == Kind.NEAR
                        || templates.get(0).inputs().values().stream()
                                .anyMatch(tensor -> tensor.type().isFloating() != (kind == Kind.CODES)));
    }

    /** One new row. */
    InferenceRequest next(Kind kind) {
        Mix mix = Mix.values()[random.nextInt(Mix.values().length)];
        boolean moved = random.nextBoolean();
        Map<String, Tensor> inputs = new HashMap<>();
        for (String name : templates.get(0).inputs().keySet()) {
            Tensor like = input(templates, name);
            inputs.put(
                    name,
                    like instanceof Tensor.Strings strings
                            ? mixed(name, strings, mix)
                            : mixed(name, (Tensor.Numbers) like, mix, moved, kind));
        }
        if (kind == Kind.CODES) {
            for (String name : nextCodes()) {
                inputs.computeIfPresent(name, (same, tensor) -> Codes.changed(tensor, random));
            }
        }
        return new InferenceRequest(inputs, List.of());
    }

    /** One input after another, then all at once, since the model may refuse what is changed of one. */
    private List<String> nextCodes() {
        List<String> names = templates.get(0).inputs().entrySet().stream()
                .filter(input -> !input.getValue().type().isFloating())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        int turn = coded++ % (names.size() + 1);
        return turn == names.size() ? names : names.subList(turn, turn + 1);
    }

    private Tensor input(List<InferenceRequest> rows, String name) {
        return Objects.requireNonNull(
                rows.get(random.nextInt(rows.size())).inputs().get(name));
    }

    /** Which element of a donor takes the place of element {@code index}. */
    private int place(int index, int count, Mix mix) {
        return mix == Mix.ANYWHERE ? random.nextInt(count) : index % count;
    }

    private Tensor mixed(String name, Tensor.Strings like, Mix mix) {
        List<String> elements = new ArrayList<>();
        for (int index = 0; index < like.elements().size(); index++) {
            Tensor.Strings donor = mix == Mix.INPUTS ? like : (Tensor.Strings) input(donors, name);
            int count = donor.elements().size();
            elements.add(count == 0 ? "" : donor.elements().get(place(index, count, mix)));
        }
        return new Tensor.Strings(like.shape(), elements);
    }

    private Tensor mixed(String name, Tensor.Numbers like, Mix wanted, boolean moved, Kind kind) {
        TensorType type = like.type();
        Mix mix = wanted == Mix.ANYWHERE && type.isFloating() ? Mix.PLACES : wanted;
        int width = type.byteSize();
        int count = like.data().remaining() / width;
        ByteBuffer data = ByteBuffer.allocateDirect(count * width).order(ByteOrder.nativeOrder());
        int special = count == 0 ? 0 : random.nextInt(count);
        for (int index = 0; index < count; index++) {
            ByteBuffer donor = (mix == Mix.INPUTS ? like : (Tensor.Numbers) input(donors, name)).data();
            if (!donor.hasRemaining()) {
                donor = like.data();
            }
            int from = donor.position() + place(index, donor.remaining() / width, mix) * width;
            data.put(index * width, donor, from, width);
            if (type.isFloating()) {
                double value = get(type, data, index * width);
                double near = moved ? value + random.nextGaussian() * spread(name) / 4 : value;
                put(type, data, index * width, changed(near, kind, index == special));
            }
        }
        return new Tensor.Numbers(type, like.shape(), data);
    }

    private double changed(double near, Kind kind, boolean special) {
        return switch (kind) {
            case NEAR, CODES -> near;
            case ZERO -> 0;
            case LARGE -> near * (random.nextBoolean() ? LARGE_FACTOR : -LARGE_FACTOR);
            case SPECIAL -> special ? SPECIALS[random.nextInt(SPECIALS.length)] : near;
        };
    }

    /** The standard deviation of an input's numbers, or something of their size where they are all the same. */
    private double spread(String name) {
        return spreads.computeIfAbsent(name, ignored -> {
            double sum = 0;
            double squares = 0;
            long count = 0;
            for (InferenceRequest row : donors) {
                Tensor.Numbers numbers =
                        (Tensor.Numbers) Objects.requireNonNull(row.inputs().get(name));
                ByteBuffer data = numbers.data();
                for (int at = data.position();
                        at < data.limit();
                        at += numbers.type().byteSize()) {
                    double value = get(numbers.type(), data, at);
                    if (Math.abs(value) < LARGEST_OF_SPREAD) {
                        sum += value;
                        squares += value * value;
                        count++;
                    }
                }
            }
            double mean = count == 0 ? 0 : sum / count;
            double variance = count == 0 ? 0 : squares / count - mean * mean;
            if (variance > 0) {
                return Math.sqrt(variance);
            }
            return mean == 0 ? 1 : Math.abs(mean) / 10;
        });
    }

    private static double get(TensorType type, ByteBuffer data, int at) {
        return switch (type) {
            case FP16, BF16 -> ShortFloat.toFloat(type, data.getShort(at));
            case FP32 -> data.getFloat(at);
            default -> data.getDouble(at);
        };
    }

    private static void put(TensorType type, ByteBuffer data, int at, double value) {
        switch (type) {
            case FP16, BF16 -> data.putShort(at, ShortFloat.round(type, value));
            case FP32 -> data.putFloat(at, (float) value);
            default -> data.putDouble(at, value);
        }
    }
}
