package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizesTest {
    @Test
    void eachIsAtMostAQuarterLargerThanTheOneBeforeOrOneMore() {
        assertThat(Sizes.rows(0)).isEqualTo(1);
        for (int size = 1; size < Sizes.COUNT; size++) {
            int before = Sizes.rows(size - 1);
            assertThat(Sizes.rows(size)).isBetween(before + 1, Math.max(before + 1, before * 5 / 4));
        }
    }

    @Test
    void everyNumberOfRowsCountsAsTheGreatestSizeThatIsNotMore() {
        for (int rows = 1; rows < Sizes.LARGEST; rows++) {
            int size = Sizes.index(rows);
            assertThat(rows).isBetween(Sizes.rows(size), Sizes.rows(size + 1) - 1);
        }
    }

    @Test
    void whatIsOutOfRangeCountsAsTheNearest() {
        assertThat(Sizes.index(0)).isZero();
        assertThat(Sizes.index(Integer.MAX_VALUE))
                .isEqualTo(Sizes.index(Sizes.LARGEST))
                .isEqualTo(Sizes.COUNT - 1);
    }
}
