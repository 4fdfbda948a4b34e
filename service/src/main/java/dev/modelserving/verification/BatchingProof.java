package dev.modelserving.verification;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.batching.Batch;
import dev.modelserving.batching.BatchKey;
import dev.modelserving.codec.Example;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.runtime.NativeMemory;
import dev.modelserving.runtime.RunInterrupt;
import dev.modelserving.runtime.ThisRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Finds out whether requests may be joined along their first axis: a model's examples and variations of them must have the
 * same answers alone and joined, in many sizes and places, with strangers of other values around them. Integers and strings
 * must be identical, floating-point numbers within the example's tolerance. What was not shown is not allowed.
 */
public final class BatchingProof {
    /** For an ordinary model it is a hundred times what is needed. */
    static final Duration LONGEST = Duration.ofSeconds(3);

    private static final int MOST_SHAPES = 3;
    private static final int PART_FOR_OTHER_LENGTHS = 5;

    private final Duration time;
    private final LongSupplier nanoTime;
    private final Supplier<OptionalLong> memoryInUse;

    /** One run of the model. An {@link InferenceException} means that it refuses the values; DEADLINE_EXCEEDED ends the proof. */
    public interface Runs {
        InferenceResponse run(InferenceRequest request);
    }

    /** @param memoryInUse of the process, as {@link NativeMemory#inUse} tells it */
    BatchingProof(Duration time, LongSupplier nanoTime, Supplier<OptionalLong> memoryInUse) {
        this.time = time;
        this.nanoTime = nanoTime;
        this.memoryInUse = memoryInUse;
    }

    /**
     * What holds for a version: what its manifest says, else what is found out. Blocks for a few seconds at most.
     *
     * @param checked a model that answers its examples
     * @throws InferenceException DEADLINE_EXCEEDED when it was interrupted
     */
    public static BatchingVerdict of(CheckedModel checked, Manifest.Details details, RunInterrupt interrupt) {
        ModelSignature signature = checked.model().signature();
        int most = details.maxBatchSize().orElse(BatchingVerdict.DEFAULT_MAX_ROWS);
        return switch (details.batching()) {
            case OFF -> BatchingVerdict.refused("the manifest says \"batching\": \"off\"", RuntimeKind.ANY);
            case ON -> forced(signature, most);
            case AUTO ->
                of(
                        signature,
                        checked.examples(),
                        most,
                        request -> checked.model().run(request, interrupt));
        };
    }

    private static BatchingVerdict forced(ModelSignature signature, int most) {
        String says = "the manifest says \"batching\": \"on\"";
        return BatchAxes.obstacle(signature)
                .map(obstacle -> BatchingVerdict.refused(says + ", but " + obstacle, RuntimeKind.ANY))
                .orElseGet(() -> BatchingVerdict.allowed(most, says + "; it was not tried", RuntimeKind.ANY));
    }

    /**
     * What is found out, whatever a manifest says. Blocks for a few seconds at most.
     *
     * @param mostRows the most rows that may ever be joined
     * @param runs of that model, by somebody who knows that it is not closed
     * @throws InferenceException DEADLINE_EXCEEDED when {@code runs} was interrupted
     */
    public static BatchingVerdict of(VerifiedModel verified, int mostRows, Runs runs) {
        return of(verified.signature(), verified.examples(), mostRows, runs);
    }

    private static BatchingVerdict of(ModelSignature signature, List<Example> examples, int mostRows, Runs runs) {
        return new BatchingProof(LONGEST, System::nanoTime, NativeMemory::inUse)
                .verdict(signature, examples, mostRows, runs);
    }

    /** What is known before anything runs. */
    public static Optional<BatchingVerdict> withoutRuns(VerifiedModel verified, int mostRows) {
        return withoutRuns(verified.signature(), verified.examples(), mostRows);
    }

    private static Optional<BatchingVerdict> withoutRuns(
            ModelSignature signature, List<Example> examples, int mostRows) {
        Optional<String> obstacle = BatchAxes.obstacle(signature).or(() -> BatchAxes.contradiction(signature));
        if (obstacle.isEmpty() && mostRows == 1) {
            obstacle = Optional.of("the manifest says \"maxBatchSize\": 1");
        }
        if (obstacle.isEmpty() && usable(examples).isEmpty()) {
            obstacle = Optional.of("it has no examples, with which it could be tried");
        }
        return obstacle.map(reason -> BatchingVerdict.refused(reason, RuntimeKind.ANY));
    }

    private static List<Example> usable(List<Example> examples) {
        return examples.stream()
                .filter(example -> Batch.rows(example.request()) > 0)
                .toList();
    }

    BatchingVerdict verdict(ModelSignature signature, List<Example> examples, int mostRows, Runs runs) {
        Optional<BatchingVerdict> known = withoutRuns(signature, examples, mostRows);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            return tried(signature, usable(examples), mostRows, new ProbeRuns(runs));
        } catch (NotNeutral e) {
            return BatchingVerdict.refused(String.valueOf(e.getMessage()), ThisRuntime.kind());
        } catch (OutOfMemoryError e) {
            return BatchingVerdict.refused("there was not enough memory to try it", ThisRuntime.kind());
        }
    }

    private BatchingVerdict tried(ModelSignature signature, List<Example> examples, int mostRows, ProbeRuns runs)
            throws NotNeutral {
        List<InferenceRequest> donors = ShapeProof.rows(examples);
        Map<BatchKey, List<Example>> byKey = byKey(examples);
        List<List<Example>> shapes = chosen(byKey);
        List<List<Example>> otherLengths = OtherLengths.of(signature, shapes.get(0), byKey.keySet());
        Duration timeForOthers = time.dividedBy(PART_FOR_OTHER_LENGTHS);
        Duration timeForShapes = otherLengths.isEmpty() ? time : time.minus(timeForOthers);
        List<ShapeProof> proofs = new ArrayList<>();
        int rows = mostRows;
        Optional<String> limit = Optional.empty();
        for (List<Example> shape : shapes) {
            ShapeProof proof = new ShapeProof(runs, budget(timeForShapes.dividedBy(shapes.size())));
            proofs.add(proof);
            rows = proof.prove(shape, donors, rows);
            limit = proof.limit().isPresent() ? proof.limit() : limit;
        }
        requireDifferences(signature, proofs);
        for (List<Example> other : otherLengths) {
            new ShapeProof(runs, budget(timeForOthers.dividedBy(otherLengths.size())))
                    .proveOtherLength(other, donors, rows);
        }
        String reason = "answers stayed the same in joined runs of 2 to " + rows + " rows";
        return BatchingVerdict.allowed(
                rows, reason + limit.map(what -> "; more would exceed " + what).orElse(""), ThisRuntime.kind());
    }

    private ProofBudget budget(Duration part) {
        return new ProofBudget(part, nanoTime, memoryInUse);
    }

    /** Where all rows are alike, they may have been exchanged. */
    private static void requireDifferences(ModelSignature signature, List<ShapeProof> proofs) throws NotNeutral {
        for (String output : signature.outputNames()) {
            if (proofs.stream().noneMatch(proof -> proof.distinguishes(output))) {
                throw new NotNeutral(
                        "output '" + output + "' is the same for all its examples and their variations, but"
                                + " for what their tolerance allows, so nothing shows that rows keep their own; add an example"
                                + " with another");
            }
        }
        for (String input : signature.inputNames()) {
            if (proofs.stream().noneMatch(proof -> proof.varies(input))) {
                throw new NotNeutral(
                        "input '" + input + "' is the same in all its examples, and the model takes nothing"
                                + " else that was tried, so nothing shows that rows keep their own; add an example with another");
            }
        }
    }

    private static Map<BatchKey, List<Example>> byKey(List<Example> examples) {
        Map<BatchKey, List<Example>> byKey = new LinkedHashMap<>();
        for (Example example : examples) {
            byKey.computeIfAbsent(BatchKey.of(example.request()), key -> new ArrayList<>())
                    .add(example);
        }
        return byKey;
    }

    /** The smallest, the largest, and one between them. */
    private static List<List<Example>> chosen(Map<BatchKey, List<Example>> byKey) {
        List<List<Example>> shapes = new ArrayList<>(byKey.values());
        shapes.sort(Comparator.comparingLong(
                shape -> Rows.bytes(Rows.one(shape.get(0).request(), 0).inputs())));
        return shapes.size() <= MOST_SHAPES
                ? shapes
                : List.of(shapes.get(0), shapes.get(shapes.size() / 2), shapes.get(shapes.size() - 1));
    }
}
