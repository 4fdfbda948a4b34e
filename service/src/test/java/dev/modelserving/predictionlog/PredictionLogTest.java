package dev.modelserving.predictionlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.artifact.InMemoryResultStore;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.settings.Settings.PredictionLogging;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictionLogTest {
    private static final ModelRef IRIS = ModelRef.of("iris", 2);
    private static final ModelRef DIGITS = ModelRef.of("digits", 1);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final long PLENTY = 64 << 20;

    private final InMemoryResultStore store = new InMemoryResultStore();
    private final SettableClock clock = new SettableClock("2026-11-25T12:59:59.999Z");
    private PredictionLog log = log(1, Map.of(), PLENTY, NEVER);

    private PredictionLog log(double share, Map<ModelId, Double> shareOf, long bufferMaxBytes, Duration flushInterval) {
        Random random = new Random(7);
        return new PredictionLog(
                new PredictionLogging(share, shareOf, bufferMaxBytes, flushInterval),
                store,
                "host-1",
                clock,
                random::nextDouble);
    }

    @AfterEach
    void close() throws InterruptedException {
        log.close(Duration.ZERO);
    }

    @Test
    void writesEveryPredictionOnceWhenItIsClosed() throws InterruptedException {
        log.start();
        record(IRIS, 3000);
        record(DIGITS, 5);
        assertThat(log.close(LONG)).isZero();
        assertThat(sequences(IRIS)).isEqualTo(upTo(3000));
        assertThat(sequences(DIGITS)).isEqualTo(upTo(5));
        PredictionLogHealth health = log.health();
        assertThat(health.logged()).isEqualTo(3005);
        assertThat(health.writtenLines()).isEqualTo(3005);
        assertThat(health.writtenFiles()).isEqualTo(2);
        assertThat(health.pendingLines()).isZero();
        assertThat(health.pendingBytes()).isZero();
        assertThat(health.dropped()).isEmpty();
    }

    @Test
    void countsEveryPredictionOnceWhenSeveralThreadsLog() throws InterruptedException {
        log.start();
        CompletableFuture.allOf(IntStream.range(0, 8)
                        .mapToObj(thread -> CompletableFuture.runAsync(() -> record(IRIS, 5000)))
                        .toArray(CompletableFuture[]::new))
                .join();
        assertThat(log.close(LONG)).isZero();
        assertThat(sequences(IRIS)).isEqualTo(upTo(40_000));
    }

    @Test
    void writesAfterTheInterval() {
        log = log(1, Map.of(), PLENTY, Duration.ofMillis(50));
        log.start();
        record(IRIS, 1);
        soon().until(() -> log.health().writtenLines() == 1);
        record(IRIS, 1);
        soon().until(() -> log.health().writtenLines() == 2);
        assertThat(store.objects()).hasSize(2);
    }

    @Test
    void takesTheHourFromTheTimeOfTheAnswer() throws InterruptedException {
        log.start();
        record(IRIS, 1);
        clock.advance(Duration.ofMillis(1));
        record(IRIS, 1);
        log.close(LONG);
        assertThat(store.objects().keySet())
                .anyMatch(key -> key.startsWith("predictions/model_id=iris/dt=2026-11-25/hour=12/host-1-"))
                .anyMatch(key -> key.startsWith("predictions/model_id=iris/dt=2026-11-25/hour=13/host-1-"))
                .hasSize(2);
    }

    @Test
    void repeatsTheSameBytesUnderTheSameKeyUntilTheyAreWritten() {
        log = log(1, Map.of(), PLENTY, Duration.ofMillis(50));
        store.refuse(3);
        log.start();
        record(IRIS, 10);
        soon().until(() -> log.health().writtenLines() == 10);
        assertThat(store.attempts()).hasSize(4);
        assertThat(Set.copyOf(store.attempts())).hasSize(1);
    }

    @Test
    void saysWhyNothingIsWrittenUntilItIs() {
        log = log(1, Map.of(), PLENTY, Duration.ofMillis(50));
        store.refuse(Integer.MAX_VALUE);
        log.start();
        record(IRIS, 1);
        soon().until(() -> log.health().refused());
        assertThat(log.health().lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure.reason()).contains("connection refused"));
        store.refuse(0);
        soon().until(() -> !log.health().refused());
        assertThat(log.health().lastFailure()).isPresent();
    }

    @Test
    void dropsWhatIsBeyondTheBoundAndTheGapsTellHowMuch() throws InterruptedException {
        log = log(1, Map.of(), 20_000, Duration.ofMillis(50));
        store.refuse(Integer.MAX_VALUE);
        log.start();
        record(IRIS, 1000);
        soon().until(() -> log.health().refused());
        assertThat(log.health().pendingBytes()).isBetween(1L, 20_000L);
        record(DIGITS, 1, "x".repeat(20_000));
        store.refuse(0);
        soon().until(() -> log.health().pendingLines() == 0);
        record(IRIS, 1);
        assertThat(log.close(LONG)).isZero();

        Set<Long> written = sequences(IRIS);
        assertThat(written).contains(1001L);
        long gaps = 1001L - written.size();
        assertThat(gaps).isPositive();
        assertThat(log.health().droppedOf()).containsEntry(IRIS.id(), gaps).containsEntry(DIGITS.id(), 1L);
        assertThat(log.health().dropped()).containsExactly(Map.entry(DropReason.BUFFER_FULL, gaps + 1));
        assertThat(log.health().pendingBytes()).isZero();
    }

    @Test
    void logsTheShareOfEachModelAndNumbersWhatItLogs() throws InterruptedException {
        log = log(0.1, Map.of(DIGITS.id(), 0.0), PLENTY, NEVER);
        log.start();
        record(IRIS, 100_000);
        record(DIGITS, 1000);
        log.close(LONG);
        long logged = log.health().logged();
        // Four standard deviations of a binomial distribution, sqrt(100,000 * 0.1 * 0.9) = 95.
        assertThat(logged).isBetween(10_000L - 380, 10_000L + 380);
        assertThat(sequences(IRIS)).isEqualTo(upTo(logged));
        assertThat(sequences(DIGITS)).isEmpty();
    }

    @Test
    void logsNothingWhenItIsOff() throws InterruptedException {
        log = log(0, Map.of(), PLENTY, NEVER);
        log.start();
        record(IRIS, 10);
        assertThat(log.close(LONG)).isZero();
        assertThat(log.health().logged()).isZero();
        assertThat(store.attempts()).isEmpty();
    }

    @Test
    void triesToTheLastWhenItIsClosed() throws InterruptedException {
        store.refuse(5);
        log.start();
        record(IRIS, 10);
        assertThat(log.close(LONG)).isZero();
        assertThat(sequences(IRIS)).hasSize(10);
    }

    @Test
    void saysHowManyAreLostWhenTheyCannotBeWrittenInTime() throws InterruptedException {
        store.refuse(Integer.MAX_VALUE);
        log.start();
        record(IRIS, 10);
        assertThat(log.close(Duration.ofMillis(300))).isEqualTo(10);
    }

    @Test
    void countsWhatComesAfterItIsClosed() throws InterruptedException {
        log.start();
        log.close(LONG);
        record(IRIS, 2);
        assertThat(log.health().dropped()).containsExactly(Map.entry(DropReason.CLOSED, 2L));
    }

    @Test
    void countsAPredictionWhoseRequestCannotBeReadAgain() throws InterruptedException {
        log.start();
        log.record(IRIS, "r", Duration.ZERO, Unreadable::new, ResponseBody::onHeap);
        assertThat(log.close(LONG)).isZero();
        assertThat(log.health().dropped()).containsExactly(Map.entry(DropReason.FAILED, 1L));
        assertThat(log.health().pendingBytes()).isZero();
    }

    @Test
    void refusesANameThatIsNoFileName() {
        assertThatThrownBy(
                        () -> new PredictionLog(new PredictionLogging(1, Map.of(), PLENTY, NEVER), store, "a/b", clock))
                .hasMessageContaining("replica 'a/b'");
    }

    private static final class Unreadable implements RequestBody {
        @Override
        public int length() {
            return 100;
        }

        @Override
        public InputStream open(int offset) throws IOException {
            throw new IOException("released");
        }

        @Override
        public void copy(int offset, byte[] target, int at, int count) {
            throw new IllegalStateException("released");
        }
    }

    private void record(ModelRef ref, int count) {
        record(ref, count, "{\"instances\":[[5,3,1,0.2]]}");
    }

    private void record(ModelRef ref, int count, String request) {
        byte[] answer = "{\"predictions\":[1]}".getBytes(UTF_8);
        ResponseBody response = ResponseBody.onHeap();
        response.append(answer, 0, answer.length);
        for (int i = 0; i < count; i++) {
            log.record(
                    ref, "r-" + i, Duration.ofMillis(1), () -> RequestBody.of(request.getBytes(UTF_8)), () -> response);
        }
    }

    /** The numbers of all lines in the store; a line that is there twice fails the test. */
    private Set<Long> sequences(ModelRef ref) {
        List<Long> all = store.objects().entrySet().stream()
                .filter(object -> object.getKey().contains("model_id=" + ref.id() + "/"))
                .flatMap(object -> Unpacked.lines(object.getValue()).stream())
                .map(Unpacked::sequence)
                .toList();
        assertThat(all).doesNotHaveDuplicates();
        return new TreeSet<>(all);
    }

    private static Set<Long> upTo(long last) {
        return new TreeSet<>(LongStream.rangeClosed(1, last).boxed().toList());
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(5));
    }
}
