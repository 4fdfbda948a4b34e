package dev.modelserving.verification;

import dev.modelserving.batching.Batch;
import dev.modelserving.codec.Example;
import dev.modelserving.codec.Tolerance;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.verification.Variations.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Requests of one inner shape of a model, of one to five rows, with the answers that they get alone. Belongs to one thread. */
final class RandomProbes {
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final int KEPT = 24;
    private static final int MOST_ROWS = 5;
    private static final int ATTEMPTS = 20;

    final LoadedSubject subject;
    private final Variations variations;
    private final Tolerance tolerance;
    private final Random random;
    private final List<Probe> probes = new ArrayList<>();
    private double nanosAlone;

    RandomProbes(LoadedSubject subject, List<Example> examples, Random random) {
        this.subject = subject;
        this.random = random;
        this.tolerance = examples.get(0).tolerance();
        List<InferenceRequest> rows = ShapeProof.rows(examples);
        this.variations = new Variations(rows, rows, random);
        long begin = System.nanoTime();
        for (int number = 0; number < KEPT; number++) {
            made().ifPresent(probes::add);
        }
        nanosAlone = (double) (System.nanoTime() - begin) / KEPT;
    }

    /** Whether the model takes requests of this shape. */
    boolean hasAny() {
        return !probes.isEmpty();
    }

    /** So that slow models do not take all the time. */
    double nanosAlone() {
        return nanosAlone;
    }

    /** One of those that are kept, of which now and then one is replaced. */
    Probe next() {
        int place = random.nextInt(probes.size());
        if (random.nextInt(16) == 0) {
            made().ifPresent(probe -> probes.set(place, probe));
        }
        return probes.get(place);
    }

    private Optional<Probe> made() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Kind kind = KINDS.get(random.nextInt(KINDS.size()));
            if (variations.canMake(kind)) {
                try {
                    InferenceRequest request = request(kind);
                    Tolerance allowed =
                            kind == Kind.LARGE ? tolerance.forValuesTimes(Variations.LARGE_FACTOR) : tolerance;
                    return Optional.of(new Probe(request, Batch.rows(request), subject.alone(request), allowed, kind));
                } catch (InferenceException e) {
                    // The model refuses the values: others, then.
                }
            }
        }
        return Optional.empty();
    }

    private InferenceRequest request(Kind kind) {
        List<InferenceRequest> rows = new ArrayList<>();
        int count = random.nextBoolean() ? 1 : 1 + random.nextInt(MOST_ROWS);
        for (int row = 0; row < count; row++) {
            rows.add(variations.next(kind));
        }
        InferenceRequest joined = Batch.join(rows, TensorMemory.collected()).request();
        boolean some = random.nextInt(8) == 0;
        return some ? new InferenceRequest(joined.inputs(), subject.outputs().subList(0, 1)) : joined;
    }
}
