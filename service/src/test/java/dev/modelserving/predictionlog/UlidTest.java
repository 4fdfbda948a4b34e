package dev.modelserving.predictionlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UlidTest {
    /** The time of the specification's example. */
    private static final Instant TIME = Instant.ofEpochMilli(1_469_918_176_385L);

    @Test
    void beginsWithTheTimeAsTheSpecificationWritesIt() {
        assertThat(Ulid.at(TIME, new Random(1))).startsWith("01ARYZ6S41").hasSize(26);
    }

    @Test
    void sortsByTime() {
        assertThat(Ulid.at(TIME.plusMillis(1), new Random(1))).isGreaterThan(Ulid.at(TIME, new Random(2)));
    }

    @Test
    void isAnotherOneEachTime() {
        Random random = new Random(1);
        assertThat(Ulid.at(TIME, random)).isNotEqualTo(Ulid.at(TIME, random));
    }
}
