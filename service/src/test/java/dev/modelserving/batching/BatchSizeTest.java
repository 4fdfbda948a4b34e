package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchSizeTest {
    private static final int LARGEST = 64;

    /** How long a batch takes, by its rows. */
    enum Curve implements IntToLongFunction {
        FLAT,
        AFFINE,
        LINEAR,
        WORSE_AFTER_8,
        BLOCKS_OF_8;

        @Override
        public long applyAsLong(int rows) {
            return switch (this) {
                case FLAT -> 100_000;
                case AFFINE -> 40_000 + rows * 10_000L;
                case LINEAR -> rows * 50_000L;
                case WORSE_AFTER_8 -> rows <= 8 ? 100_000 + rows * 10_000L : rows * 40_500L;
                case BLOCKS_OF_8 -> (rows + 7) / 8 * 100_000L;
            };
        }
    }

    /** Batches of one key, with always as many rows waiting. */
    private static final class Load {
        final BatchSize size = new BatchSize(LARGEST);
        final List<Integer> taken = new ArrayList<>();
        final Random random = new Random(3);
        long rows;
        long nanos;

        Load run(int batches, int waiting, IntToLongFunction curve) {
            return run(batches, waiting, curve, 0);
        }

        /** @param noise the mean of what makes runs longer, besides a pause now and then */
        Load run(int batches, int waiting, IntToLongFunction curve, double noise) {
            rows = 0;
            nanos = 0;
            taken.clear();
            for (int batch = 0; batch < batches; batch++) {
                int limit = size.limit(waiting);
                long took = curve.applyAsLong(limit);
                double pause = noise > 0 && random.nextInt(300) == 0 ? 100 : 1;
                size.record(limit, (long) (took * (1 + noise * pause * Math.abs(random.nextGaussian()))));
                rows += limit;
                nanos += took;
                taken.add(limit);
            }
            return this;
        }

        double rowsPerSecond() {
            return rows * 1e9 / nanos;
        }
    }

    private static double bestOfASweep(IntToLongFunction curve, int waiting) {
        double best = 0;
        for (int rows = 1; rows <= Math.min(waiting, LARGEST); rows++) {
            best = Math.max(best, rows * 1e9 / curve.applyAsLong(rows));
        }
        return best;
    }

    @ParameterizedTest
    @EnumSource
    void isWithinATenthOfTheBestFixedSize(Curve curve) {
        double learned = new Load().run(5000, LARGEST, curve).rowsPerSecond();
        assertThat(learned).isGreaterThan(0.9 * bestOfASweep(curve, LARGEST));
    }

    @ParameterizedTest
    @EnumSource
    void isWithinAFifthOfTheBestFixedSizeWhereMeasurementsAreDisturbed(Curve curve) {
        double learned = new Load().run(5000, LARGEST, curve, 0.3).rowsPerSecond();
        assertThat(learned).isGreaterThan(0.8 * bestOfASweep(curve, LARGEST));
    }

    @ParameterizedTest
    @EnumSource
    void isFoundWithinAHundredBatches(Curve curve) {
        double learned = new Load().run(100, LARGEST, curve).rowsPerSecond();
        assertThat(learned).isGreaterThan(0.75 * bestOfASweep(curve, LARGEST));
    }

    @Test
    void isOneWhereJoiningSavesNothing() {
        assertThat(new Load().run(1000, LARGEST, Curve.LINEAR).run(1000, LARGEST, Curve.LINEAR).taken)
                .filteredOn(rows -> rows > 1)
                .hasSizeLessThan(20);
    }

    @Test
    void isAllThatWaitWhereItIsLessThanWhatPays() {
        Load load = new Load().run(500, LARGEST, Curve.FLAT);
        assertThat(load.run(7, 17, Curve.FLAT).taken).contains(17);
    }

    @Test
    void leavesNoSmallRemainder() {
        Load load = new Load().run(500, LARGEST, Curve.AFFINE);
        assertThat(load.run(3, 33, Curve.AFFINE).taken).contains(33);
    }

    @Test
    void isNeverMoreThanAllowed() {
        BatchSize size = new BatchSize(5);
        for (int batch = 0; batch < 1000; batch++) {
            assertThat(size.limit(100)).isBetween(1, 5);
            size.record(size.limit(100), 1000);
        }
        assertThat(size.limit(100)).isEqualTo(5);
    }

    @Test
    void followsAMachineThatGotSlower() {
        Load load = new Load().run(2000, LARGEST, Curve.AFFINE);
        IntToLongFunction slower = rows -> 3 * Curve.AFFINE.applyAsLong(rows);
        assertThat(load.run(2000, LARGEST, slower).rowsPerSecond()).isGreaterThan(0.8 * bestOfASweep(slower, LARGEST));
    }

    @Test
    void joinsAgainWhenJoiningBeginsToPay() {
        Load load = new Load().run(2000, LARGEST, Curve.LINEAR);
        load.run(20_000, LARGEST, Curve.FLAT);
        assertThat(load.run(1000, LARGEST, Curve.FLAT).rowsPerSecond())
                .isGreaterThan(0.8 * bestOfASweep(Curve.FLAT, LARGEST));
    }

    @Test
    void goesBackToOneByOneWhenJoiningPaysNoMore() {
        Load load = new Load().run(2000, LARGEST, Curve.FLAT);
        load.run(20_000, LARGEST, Curve.LINEAR);
        assertThat(load.run(1000, LARGEST, Curve.LINEAR).taken)
                .filteredOn(rows -> rows > 1)
                .hasSizeLessThan(100);
    }

    @Test
    void triesLittleWhereABatchIsCostly() {
        IntToLongFunction costly = rows -> Duration.ofMillis(100L * rows).toNanos();
        assertThat(new Load().run(1000, LARGEST, costly).taken)
                .allMatch(rows -> rows <= 2)
                .filteredOn(rows -> rows > 1)
                .hasSizeLessThan(10);
    }

    @Test
    void growsWhereABatchIsCostlyAndJoiningPays() {
        assertThat(new Load().run(40, LARGEST, rows -> Duration.ofMillis(100).toNanos()).taken)
                .contains(64);
    }

    @Test
    void expectsWhatWasMeasured() {
        Load load = new Load().run(2000, LARGEST, Curve.AFFINE);
        assertThat(load.size.nanos(32)).isBetween(359_000L, 361_000L);
        assertThat(load.size.nanos(1)).isBetween(49_000L, 51_000L);
        assertThat(new BatchSize(LARGEST).nanos(1)).isZero();
    }

    @Test
    void expectsNoLessThanInProportionOfWhatWasNotMeasured() {
        BatchSize size = new BatchSize(LARGEST);
        size.record(4, 4000);
        assertThat(size.nanos(40)).isEqualTo(40_000);
        assertThat(size.nanos(1)).isEqualTo(4000);
    }
}
