package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
    @Test
    void isTheMedianAndWhatOneOfAHundredExceeds() {
        long[] nanos =
                LongStream.rangeClosed(1, 200).map(n -> 201_000 - n * 1000).toArray();
        assertThat(Latency.of(nanos)).isEqualTo(new Latency(100, 198));
    }

    @Test
    void ofOneRunIsThatRun() {
        assertThat(Latency.of(new long[] {5_000})).isEqualTo(new Latency(5, 5));
        assertThat(Latency.of(new long[] {10})).isEqualTo(new Latency(1, 1));
    }
}
