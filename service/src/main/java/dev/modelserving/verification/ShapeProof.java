package dev.modelserving.verification;

import dev.modelserving.batching.Batch;
import dev.modelserving.codec.Example;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.verification.Variations.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** The proof for requests of one inner shape. Belongs to one thread. */
final class ShapeProof {
    /** Around the widths of vector kernels, whose last rows are computed otherwise; from 128 on doubled. */
    private static final int[] SIZES = {2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 24, 25, 32, 33, 48, 64};

    private static final List<Kind> STRANGERS = List.of(Kind.LARGE, Kind.SPECIAL, Kind.ZERO, Kind.CODES);

    /** Up to here every kind of stranger is there in each size; in larger ones they take turns. */
    private static final int FEWEST_ROWS = 4;

    /** What is enough to see whether another length is a matter of its own. */
    private static final int ROWS_OF_OTHER_LENGTHS = 9;

    private static final double TIME_FOR_EXAMPLES = 0.25;
    private static final double TIME_FOR_ALONE = 0.5;
    private static final double TIME_FOR_PAIRS = 0.6;
    private static final double TIME_FOR_MORE_SIZES = 0.75;

    /** What requests and answers of one run may take. */
    private static final long MOST_BYTES = 16 << 20;

    private final ProbeRuns runs;
    private final ProofBudget budget;
    private final ProbePool pool;
    private Optional<String> limit = Optional.empty();

    ShapeProof(ProbeRuns runs, ProofBudget budget) {
        this.runs = runs;
        this.budget = budget;
        this.pool = new ProbePool(runs);
    }

    /**
     * How many rows may be joined, at most {@code mostRows}.
     *
     * @param examples of one inner shape
     * @param donors rows of any shape, for variations
     */
    int prove(List<Example> examples, List<InferenceRequest> donors, int mostRows) throws NotNeutral {
        pool.addExamples(examples, mostRows, () -> budget.isWithin(TIME_FOR_EXAMPLES));
        int most = rowsThatFit(mostRows);
        int fewest = Math.min(FEWEST_ROWS, mostRows);
        if (most >= fewest) {
            // What the examples alone show comes before values that the model was not made for.
            join(fewest, Kind.NEAR);
            Variations variations = new Variations(rows(examples), donors, new Random(8));
            boolean enough = pool.addVariations(
                    variations, examples.get(0).tolerance(), most, () -> budget.isWithin(TIME_FOR_ALONE));
            most = enough ? joined(most) : outOfTime();
        }
        if (most < fewest) {
            throw new NotNeutral("it was not shown that joined requests keep their answers: that would exceed "
                    + limit.orElse("what is given to it") + "; \"batching\": \"on\" in the manifest allows it unseen");
        }
        return most;
    }

    /**
     * Sees whether requests keep their answers that are of a length which no example has, where the model takes them. What
     * there is no time for is let go.
     */
    void proveOtherLength(List<Example> rows, List<InferenceRequest> donors, int mostRows) throws NotNeutral {
        int rowsToTry = Math.min(ROWS_OF_OTHER_LENGTHS, mostRows);
        pool.addExamples(rows, rowsToTry, () -> budget.isWithin(TIME_FOR_EXAMPLES));
        int most = rowsThatFit(rowsToTry);
        if (pool.has(Kind.NEAR) && most > 1) {
            Variations variations = new Variations(rows(rows), donors, new Random(8));
            pool.addVariations(variations, rows.get(0).tolerance(), most, () -> budget.isWithin(TIME_FOR_ALONE));
            joined(most);
        }
    }

    private int joined(int most) throws NotNeutral {
        long nanosPerRow = budget.nanosSpent() / Math.max(1, pool.rows());
        int proven = 1;
        int number = 0;
        for (List<Probe> pair : pool.pairs()) {
            if (budget.isWithin(TIME_FOR_PAIRS)) {
                joinBothWays(pair);
            }
        }
        for (int rows : sizes(most)) {
            Optional<String> obstacle = budget.obstacle(rows, 2L * rows * nanosPerRow);
            if (obstacle.isPresent()) {
                limit = obstacle;
                break;
            }
            long begin = budget.nanosSpent();
            join(rows, Kind.NEAR);
            nanosPerRow = (budget.nanosSpent() - begin) / rows;
            for (Kind stranger : STRANGERS) {
                boolean itsTurn = stranger == STRANGERS.get(number % STRANGERS.size());
                if (pool.has(stranger) && (rows <= FEWEST_ROWS || itsTurn)) {
                    join(rows, stranger);
                }
            }
            number++;
            budget.ran(rows);
            proven = rows;
        }
        joinInBetween(proven);
        return proven;
    }

    /** The sizes that were left out, as far as there is time: a model may have a number of rows that is special to it. */
    private void joinInBetween(int proven) throws NotNeutral {
        int last = SIZES[SIZES.length - 1];
        for (int rows = 2; rows < Math.min(proven, last) && budget.isWithin(TIME_FOR_MORE_SIZES); rows++) {
            if (Arrays.binarySearch(SIZES, rows) < 0) {
                join(rows, Kind.NEAR);
            }
        }
    }

    private void join(int rows, Kind stranger) throws NotNeutral {
        List<Probe> batch = pool.deal(rows, stranger);
        if (batch.stream().mapToInt(Probe::rows).sum() != rows) {
            throw new NotNeutral("it does not answer single rows of its examples");
        }
        if (rows <= FEWEST_ROWS) {
            joinBothWays(batch);
        } else {
            runs.joined(batch);
        }
    }

    /** What is first is last then. */
    private void joinBothWays(List<Probe> batch) throws NotNeutral {
        List<Probe> reversed = new ArrayList<>(batch);
        Collections.reverse(reversed);
        runs.joined(batch);
        if (!reversed.equals(batch)) {
            runs.joined(reversed);
        }
    }

    private int outOfTime() {
        limit = Optional.of(budget.exceededTime());
        return 1;
    }

    /** What more rows than were tried would exceed. */
    Optional<String> limit() {
        return limit;
    }

    boolean distinguishes(String output) {
        return pool.distinguishes(output);
    }

    boolean varies(String input) {
        return pool.varies(input);
    }

    private int rowsThatFit(int mostRows) {
        long fit = MOST_BYTES / Math.max(1, pool.bytesOfARow());
        if (fit < mostRows) {
            limit = Optional.of("the " + (MOST_BYTES >> 20) + " MiB that are given to its requests and answers");
        }
        return (int) Math.min(fit, mostRows);
    }

    private static int[] sizes(int most) {
        IntStream doubled = IntStream.iterate(2 * SIZES[SIZES.length - 1], size -> size < most, size -> size * 2);
        return IntStream.concat(
                        IntStream.concat(IntStream.of(SIZES), doubled).filter(size -> size < most), IntStream.of(most))
                .toArray();
    }

    static List<InferenceRequest> rows(List<Example> examples) {
        List<InferenceRequest> rows = new ArrayList<>();
        for (Example example : examples) {
            int count = Batch.rows(example.request());
            for (int row = 0; row < count; row++) {
                rows.add(Rows.one(example.request(), row));
            }
        }
        return rows;
    }
}
