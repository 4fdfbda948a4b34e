package dev.modelserving.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCountersTest {
    private final RunCounters counters = new RunCounters();

    @Test
    void saysWhereTheTimeOfRequestsWent() {
        counters.succeeded(1, 2, 30, 33);
        counters.answered(4);
        ModelStatistics sum = counters.sum();
        assertThat(sum.success()).isEqualTo(times(1, 37));
        assertThat(List.of(sum.queue(), sum.input(), sum.infer(), sum.output()))
                .containsExactly(times(1, 1), times(1, 2), times(1, 30), times(1, 4));
        assertThat(sum.lastInference()).isPresent();
    }

    /** Also of a request whose answer is being written. */
    @Test
    void countsEachPartAsOftenAsTheWhole() {
        counters.succeeded(1, 2, 30, 33);
        ModelStatistics sum = counters.sum();
        assertThat(List.of(sum.queue(), sum.input(), sum.infer(), sum.output()))
                .extracting(ModelStatistics.Times::count)
                .containsOnly(sum.success().count());
    }

    @Test
    void countsWhatFailedApart() {
        counters.failed(5);
        assertThat(counters.sum().fail()).isEqualTo(times(1, 5));
        assertThat(counters.sum().success()).isEqualTo(times(0, 0));
        assertThat(counters.sum().lastInference()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "64,64", "65,128", "128,128", "129,256", "2000000000,2147483648", "2147483647,2147483648"
    })
    void knowsRunsByTheirRows(int rows, long told) {
        counters.ran(rows, 7);
        counters.ran(rows, 7);
        assertThat(counters.sum().executions()).isEqualTo(2);
        assertThat(counters.sum().batches()).containsExactly(new ModelStatistics.BatchRuns(told, times(2, 14)));
    }

    @Test
    void forgets() {
        counters.succeeded(1, 2, 3, 6);
        counters.failed(1);
        counters.ran(1, 3);
        counters.reset();
        assertThat(counters.sum()).isEqualTo(new RunCounters().sum());
    }

    private static ModelStatistics.Times times(long count, long nanos) {
        return new ModelStatistics.Times(count, Duration.ofNanos(nanos));
    }
}
