package dev.modelserving.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunWatchTest {
    /** So near the end of the numbers that times overflow between two of them. */
    private static long at(int nanos) {
        return Long.MAX_VALUE - 5 + nanos;
    }

    private final RunWatch watch = new RunWatch();

    @Test
    void endsARunAtItsEnd() {
        try (RunWatch.Watched run = watch.until(at(10))) {
            watch.look(at(9));
            assertThat(run.interrupt().isInterrupted()).isFalse();
            watch.look(at(10));
            assertThat(run.interrupt().isInterrupted()).isTrue();
        }
    }

    @Test
    void endsOnlyTheRunsWhoseEndHasCome() {
        try (RunWatch.Watched later = watch.until(at(20));
                RunWatch.Watched sooner = watch.until(at(10))) {
            watch.look(at(15));
            assertThat(later.interrupt().isInterrupted()).isFalse();
            assertThat(sooner.interrupt().isInterrupted()).isTrue();
        }
    }

    @Test
    void knowsNothingOfARunThatIsOver() {
        RunWatch.Watched run = watch.until(at(10));
        run.close();
        watch.look(at(10));
        assertThat(run.interrupt().isInterrupted()).isFalse();
    }
}
