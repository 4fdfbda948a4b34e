package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.TensorMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runners whose time is virtual: each event is at a time, and what is run ends at another. */
class FairTurnsTest {
    private static final long SLOW = Duration.ofMillis(100).toNanos();
    private static final long FAST = Duration.ofMillis(1).toNanos() / 10;

    private final FairTurns turns = new FairTurns(100_000);
    private final TestClock clock = new TestClock();
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::time));
    private int free;

    private record Event(long time, Runnable what) {}

    /** A model under load, and what became of it. */
    private final class Model {
        final BatchQueue queue;
        final List<Long> latencies = new ArrayList<>();
        long used;

        /** @param nanos of a run, whatever its rows */
        Model(int maxRows, long nanos) {
            queue = new BatchQueue(new BatchCosts(maxRows), new TestRuntime(clock, rows -> nanos));
        }

        void arrive(Runnable answered) {
            long since = clock.now();
            TestCall call = TestCall.rows(1);
            call.whenCompleted = () -> {
                latencies.add(clock.now() - since);
                answered.run();
            };
            turns.add(queue, call);
        }

        /** A client that asks again as soon as it has its answer. */
        void closedLoop() {
            arrive(() -> events.add(new Event(clock.now(), this::closedLoop)));
        }

        /** Clients that do not wait for each other. */
        void arriveAtRandom(Random random, long meanNanos) {
            arrive(() -> {});
            long next = clock.now() + (long) (-Math.log(1 - random.nextDouble()) * meanNanos);
            events.add(new Event(next, () -> arriveAtRandom(random, meanNanos)));
        }

        long percentile(int percent) {
            List<Long> sorted = new ArrayList<>(latencies);
            Collections.sort(sorted);
            return sorted.get(sorted.size() * percent / 100);
        }
    }

    private void runUntil(Duration end) {
        while (!events.isEmpty() && events.peek().time() <= end.toNanos()) {
            Event event = events.poll();
            clock.moveTo(event.time());
            event.what().run();
            dispatch(event.time());
        }
    }

    private void dispatch(long now) {
        while (free > 0) {
            BatchRun run = new BatchRun(TensorMemory::collected, clock);
            clock.moveTo(now);
            BatchQueue queue = turns.take(run, now);
            if (queue == null) {
                return;
            }
            free--;
            run.run(queue, now);
            long end = clock.now();
            events.add(new Event(end, () -> {
                free++;
                turns.ran(queue, run, end - now);
                used(queue).used += end - now;
            }));
        }
    }

    private final List<Model> models = new ArrayList<>();

    private Model model(int maxRows, long nanos) {
        models.add(new Model(maxRows, nanos));
        return models.get(models.size() - 1);
    }

    private Model used(BatchQueue queue) {
        return models.stream().filter(model -> model.queue == queue).findFirst().orElseThrow();
    }

    private void start(Runnable load) {
        events.add(new Event(0, load));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFastModelWaitsForOneBatchOfASlowOneAtMost(int runners) {
        free = runners;
        Model slow = model(8, SLOW);
        Model fast = model(1, FAST);
        for (int client = 0; client < 64; client++) {
            start(slow::closedLoop);
        }
        start(() -> fast.arriveAtRandom(new Random(1), 4 * FAST));
        runUntil(Duration.ofSeconds(20));
        assertThat(fast.latencies).hasSizeGreaterThan(40_000);
        assertThat(fast.percentile(99)).isLessThan(SLOW * 12 / 10);
        assertThat(slow.used).isGreaterThan(Duration.ofSeconds(10L * runners).toNanos());
    }

    @Test
    void modelsThatAreAlwaysBusyHaveEqualTime() {
        free = 1;
        List<Model> busy = List.of(model(8, SLOW), model(1, FAST), model(64, 7 * FAST));
        for (Model model : busy) {
            for (int client = 0; client < 100; client++) {
                start(model::closedLoop);
            }
        }
        runUntil(Duration.ofSeconds(30));
        assertThat(busy)
                .allSatisfy(model -> assertThat(model.used)
                        .isBetween(
                                Duration.ofSeconds(9).toNanos(),
                                Duration.ofSeconds(11).toNanos()));
    }

    @Test
    void aModelThatWasIdleDoesNotCatchUp() {
        free = 1;
        Model always = model(1, FAST);
        Model late = model(1, FAST);
        for (int client = 0; client < 10; client++) {
            start(always::closedLoop);
            events.add(new Event(Duration.ofSeconds(10).toNanos(), late::closedLoop));
        }
        runUntil(Duration.ofSeconds(12));
        assertThat(always.used).isCloseTo(Duration.ofSeconds(11).toNanos(), Offset.offset(SLOW));
    }

    @Test
    void aThreadIsNeverFreeWhileACallWaits() {
        free = 2;
        Model model = model(64, SLOW);
        for (int call = 0; call < 2; call++) {
            start(() -> model.arrive(() -> {}));
        }
        runUntil(Duration.ofSeconds(1));
        assertThat(model.latencies).containsExactly(SLOW, SLOW);
    }

    @Test
    void countsWhatWaits() {
        FairTurns two = new FairTurns(2);
        Model model = model(1, FAST);
        TestCall left = TestCall.rows(1).leave();
        two.add(model.queue, left);
        two.addAlone(model.queue, TestCall.rows(1));
        assertThat(two.isFull()).isTrue();
        assertThat(two.removeOver(0)).containsExactly(left);
        assertThat(two.waiting()).isEqualTo(1);
        assertThat(two.removeAll()).hasSize(1);
        assertThat(two.waiting()).isZero();
        assertThat(two.take(new BatchRun(TensorMemory::collected, clock), 0)).isNull();
    }
}
