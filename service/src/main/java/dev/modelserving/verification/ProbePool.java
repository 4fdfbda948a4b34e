package dev.modelserving.verification;

import dev.modelserving.batching.Batch;
import dev.modelserving.codec.Example;
import dev.modelserving.codec.Tolerance;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.verification.Variations.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Requests of one inner shape with their answers: examples, single rows of them, and variations. Batches are dealt from it
 * in the same order each time. Belongs to one thread.
 */
final class ProbePool {
    private static final int MOST_EXAMPLES = 8;
    private static final int MOST_ROWS = 24;
    private static final int LONGEST_VARIATION = 5;
    private static final int TWINS = 4;

    /** What is added in a round, and how many rounds there are. */
    private static final List<Kind> ROUND =
            List.of(Kind.NEAR, Kind.LARGE, Kind.NEAR, Kind.SPECIAL, Kind.CODES, Kind.NEAR, Kind.ZERO, Kind.CODES);

    private static final int ROUNDS = 6;

    /** Rows of which the model refuses the values are replaced, up to a point. */
    private static final int ATTEMPTS = 3;

    private final ProbeRuns runs;
    private final Random random = new Random(9);
    private final Map<Kind, Deck> decks = new EnumMap<>(Kind.class);

    ProbePool(ProbeRuns runs) {
        this.runs = runs;
    }

    /** Probes of one kind, each of which is dealt once before the first is dealt again. */
    private static final class Deck {
        private final List<Probe> probes = new ArrayList<>();
        private int next;

        Optional<Probe> take(int mostRows, Random random) {
            for (int step = 0; step < probes.size(); step++) {
                if (next == 0) {
                    Collections.shuffle(probes, random);
                }
                Probe probe = probes.get(next);
                next = (next + 1) % probes.size();
                if (probe.rows() <= mostRows) {
                    return Optional.of(probe);
                }
            }
            return Optional.empty();
        }
    }

    private Deck deck(Kind kind) {
        return decks.computeIfAbsent(kind, none -> new Deck());
    }

    /**
     * Adds examples of one inner shape, whole where they are not too long, and row by row. Each whole one is asked twice.
     *
     * @param goOn is asked before each but the first
     */
    void addExamples(List<Example> examples, int mostRows, BooleanSupplier goOn) throws NotNeutral {
        int whole = 0;
        int single = 0;
        for (Example example : examples) {
            int rows = Batch.rows(example.request());
            if (rows <= mostRows && (rows == 1 ? single++ < MOST_ROWS : whole++ < MOST_EXAMPLES)) {
                Optional<Probe> probe = add(example.request(), example.tolerance(), Kind.NEAR);
                if (probe.isPresent()) {
                    runs.again(probe.get());
                }
            }
            for (int row = 0; rows > 1 && row < rows && single++ < MOST_ROWS; row++) {
                add(Rows.one(example.request(), row), example.tolerance(), Kind.NEAR);
                if (!goOn.getAsBoolean()) {
                    return;
                }
            }
            if (!goOn.getAsBoolean()) {
                return;
            }
        }
    }

    /**
     * Adds rows that are not in the examples, and a few requests of several such rows.
     *
     * @param goOn is asked before each
     * @return whether there is one of each kind at least, where the model takes such values
     */
    boolean addVariations(Variations variations, Tolerance tolerance, int mostRows, BooleanSupplier goOn)
            throws NotNeutral {
        for (int round = 0; round < ROUNDS; round++) {
            for (Kind kind : ROUND) {
                for (int attempt = 0; variations.canMake(kind) && attempt < ATTEMPTS; attempt++) {
                    if (!goOn.getAsBoolean()) {
                        return round > 0;
                    }
                    Tolerance allowed =
                            kind == Kind.LARGE ? tolerance.forValuesTimes(Variations.LARGE_FACTOR) : tolerance;
                    if (add(variations.next(kind), allowed, kind).isPresent()) {
                        break;
                    }
                }
            }
            int rows = Math.min(mostRows, LONGEST_VARIATION) - round;
            if (rows > 1 && variations.canMake(Kind.NEAR) && goOn.getAsBoolean()) {
                add(several(variations, rows), tolerance, Kind.NEAR);
            }
        }
        return true;
    }

    private static InferenceRequest several(Variations variations, int rows) {
        List<InferenceRequest> single = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            single.add(variations.next(Kind.NEAR));
        }
        return Batch.join(single, TensorMemory.collected()).request();
    }

    private Optional<Probe> add(InferenceRequest request, Tolerance tolerance, Kind kind) throws NotNeutral {
        Optional<Probe> probe = runs.alone(request, tolerance, kind);
        probe.ifPresent(deck(kind).probes::add);
        return probe;
    }

    boolean has(Kind kind) {
        return !deck(kind).probes.isEmpty();
    }

    /** How many rows all of them have together. */
    int rows() {
        return all().stream().mapToInt(Probe::rows).sum();
    }

    /** What one row and its answer take. */
    long bytesOfARow() {
        return all().stream()
                .mapToLong(probe -> (Rows.bytes(probe.request().inputs())
                                + Rows.bytes(probe.alone().outputs()))
                        / probe.rows())
                .max()
                .orElse(0);
    }

    private List<Probe> all() {
        return decks.values().stream().flatMap(deck -> deck.probes.stream()).toList();
    }

    /**
     * Several requests with {@code rows} rows together, in any order; fewer where none is short enough.
     *
     * @param stranger the kind of about a third of the requests
     */
    List<Probe> deal(int rows, Kind stranger) {
        List<Probe> batch = new ArrayList<>();
        int left = rows;
        while (left > 0) {
            boolean strange = stranger != Kind.NEAR && (batch.size() == 1 || random.nextInt(3) == 0);
            Optional<Probe> probe = deck(strange ? stranger : Kind.NEAR).take(Math.min(left, rows - 1), random);
            if (probe.isEmpty()) {
                break;
            }
            batch.add(probe.get());
            left -= probe.get().rows();
        }
        Collections.shuffle(batch, random);
        return batch;
    }

    /**
     * Batches of two that should be tried before others: a few requests each with its like, and every stranger with an
     * ordinary row, kind after kind.
     */
    List<List<Probe>> pairs() {
        List<Probe> rows = single(Kind.NEAR);
        List<List<Probe>> pairs = new ArrayList<>();
        rows.stream().limit(TWINS).forEach(probe -> pairs.add(List.of(probe, probe)));
        for (int round = 0; round < MOST_ROWS; round++) {
            for (Kind kind : Kind.values()) {
                List<Probe> strangers = kind == Kind.NEAR ? List.of() : single(kind);
                if (round < strangers.size() && !rows.isEmpty()) {
                    pairs.add(List.of(strangers.get(round), rows.get(pairs.size() % rows.size())));
                }
            }
        }
        return pairs;
    }

    private List<Probe> single(Kind kind) {
        return deck(kind).probes.stream().filter(probe -> probe.rows() == 1).toList();
    }

    /** Whether two rows of this output differ by more than is allowed; what came of a NaN of ours does not count. */
    boolean distinguishes(String output) {
        List<Probe> ordinary =
                all().stream().filter(probe -> probe.kind() != Kind.SPECIAL).toList();
        Tensor first = null;
        for (Probe probe : ordinary) {
            for (Tensor row : Rows.all(probe.alone().outputs().get(output))) {
                first = first == null ? row : first;
                if (probe.tolerance().excess(first, row).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether two rows of this input differ, or have nothing in which they could. */
    boolean varies(String input) {
        List<Tensor> rows = all().stream()
                .flatMap(probe -> Rows.all(probe.request().inputs().get(input)).stream())
                .toList();
        return rows.stream().anyMatch(row -> row.shape().elementCount() == 0 || !row.equals(rows.get(0)));
    }
}
