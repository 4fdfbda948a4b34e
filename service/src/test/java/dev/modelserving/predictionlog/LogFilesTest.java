package dev.modelserving.predictionlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.predictionlog.LogFiles.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogFilesTest {
    private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");
    private static final Duration AGE = Duration.ofSeconds(60);
    private static final long PLENTY = 1 << 30;

    private final ByteBudget budget = new ByteBudget(PLENTY);
    private final List<FinishedFile> finished = new ArrayList<>();
    private final LoggedModel iris = new LoggedModel(new ModelId("iris"), 1);
    private final LoggedModel digits = new LoggedModel(new ModelId("digits"), 1);
    private LogFiles files = files(new Limits(PLENTY, PLENTY, PLENTY, AGE));

    private LogFiles files(Limits limits) {
        return new LogFiles("host-1", limits, budget, finished::add);
    }

    private void limit(Limits limits) {
        files.close();
        files = files(limits);
    }

    @AfterEach
    void close() {
        files.close();
    }

    @Test
    void writesALineForEachPrediction() {
        add(iris, NOON.plusNanos(123_456_000), "{\"instances\":[1]}", "{\"id\":\"a\"}");
        files.finishAll();
        assertThat(Unpacked.lines(finished.get(0).content))
                .containsExactly(
                        "{\"replica\":\"host-1\",\"seq\":1,\"time\":\"2026-11-25T12:00:00.123456Z\",\"model_id\":\"iris\","
                                + "\"model_version\":7,\"request_id\":\"r\",\"duration_us\":51,"
                                + "\"request\":{\"instances\":[1]},\"response\":{\"id\":\"a\"}}");
    }

    @Test
    void makesOneLineOfARequestThatHasSeveral() {
        add(iris, NOON, "{\r\n\t\"instances\": [\"a\\n\\tb\"]\n}\n", "{}");
        files.finishAll();
        assertThat(Unpacked.lines(finished.get(0).content))
                .singleElement()
                .asString()
                .contains("\"request\":{   \"instances\": [\"a\\n\\tb\"] } ,\"response\":{}}");
    }

    @Test
    void neverMixesHoursOrModels() {
        add(iris, NOON.minusMillis(1), "{}", "{}");
        add(iris, NOON, "{}", "{}");
        add(iris, NOON.minusMillis(2), "{}", "{}");
        add(digits, NOON, "{}", "{}");
        files.finishAll();
        assertThat(finished)
                .extracting(
                        file -> file.key.replaceFirst("host-1-[0-9A-Z]{26}\\.jsonl\\.gz$", "FILE") + " " + file.lines)
                .containsExactlyInAnyOrder(
                        "predictions/model_id=iris/dt=2026-11-25/hour=11/FILE 2",
                        "predictions/model_id=iris/dt=2026-11-25/hour=12/FILE 1",
                        "predictions/model_id=digits/dt=2026-11-25/hour=12/FILE 1");
    }

    @Test
    void finishesAFileWhenItsFirstLineIsOldEnough() {
        files.add(prediction(iris, NOON, "{}", "{}"), 1000);
        files.add(prediction(iris, NOON, "{}", "{}"), AGE.toNanos());
        files.finishOld(AGE.toNanos() + 999);
        assertThat(finished).isEmpty();
        files.finishOld(AGE.toNanos() + 1000);
        assertThat(finished).singleElement().extracting(file -> file.lines).isEqualTo(2);
    }

    @Test
    void finishesAFileWhenItIsLargeCompressed() {
        limit(new Limits(200_000, PLENTY, PLENTY, AGE));
        addMuch(4000);
        assertThat(finished).hasSizeGreaterThan(1);
        assertThat(finished).allMatch(file -> file.content.length >= 200_000 && file.content.length < 300_000);
    }

    @Test
    void finishesAFileWhenItIsLargeUncompressed() {
        limit(new Limits(PLENTY, 1 << 20, PLENTY, AGE));
        for (int i = 0; i < 4000; i++) {
            add(iris, NOON, "{\"instances\":[" + "0,".repeat(500) + "0]}", "{}");
        }
        assertThat(finished).hasSize(4);
    }

    @Test
    void finishesTheLargestFileWhenAllTogetherTakeTooMuch() {
        limit(new Limits(PLENTY, PLENTY, 3000, AGE));
        add(digits, NOON, "{}", "{}");
        add(iris, NOON, "x".repeat(2500), "{}");
        assertThat(finished)
                .singleElement()
                .extracting(file -> file.key)
                .asString()
                .contains("model_id=iris");
    }

    @Test
    void joinsManyBlocksToOneFileThatGivesEveryLine() {
        List<Long> written = addMuch(4000);
        files.finishAll();
        assertThat(finished).hasSize(1);
        assertThat(Unpacked.lines(finished.get(0).content))
                .extracting(Unpacked::sequence)
                .isEqualTo(written);
    }

    @Test
    void holdsOnlyWhatIsCompressedOfTheBudget() {
        addMuch(1000);
        long before = budget.held();
        files.finishAll();
        assertThat(budget.held()).isEqualTo(finished.get(0).heldBytes).isLessThan(before);
        assertThat(finished.get(0).content.length - finished.get(0).heldBytes).isEqualTo(20);
    }

    @Test
    void countsTheLinesOfAFileThatCannotBeCompressed() {
        add(iris, NOON, "{}", "{}");
        add(iris, NOON, "{}", "{}");
        files.close();
        files.finishAll();
        assertThat(finished).isEmpty();
        assertThat(iris.dropped()).containsEntry(DropReason.FAILED, 2L);
        assertThat(budget.held()).isZero();
        files.finishAll();
        assertThat(iris.dropped()).containsEntry(DropReason.FAILED, 2L);
    }

    /** Lines that do not compress well, of several blocks. */
    private List<Long> addMuch(int count) {
        Random random = new Random(7);
        List<Long> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder numbers = new StringBuilder();
            for (int j = 0; j < 20; j++) {
                numbers.append(random.nextDouble()).append(',');
            }
            sequences.add(add(iris, NOON, "{\"instances\":[" + numbers + "0]}", "{}"));
        }
        return sequences;
    }

    private long add(LoggedModel model, Instant time, String request, String response) {
        LoggedPrediction prediction = prediction(model, time, request, response);
        files.add(prediction, 0);
        return prediction.sequence;
    }

    private LoggedPrediction prediction(LoggedModel model, Instant time, String request, String response) {
        LoggedPrediction prediction = new LoggedPrediction(
                model,
                new ModelVersion(7),
                model.nextSequence(),
                time,
                "r",
                Duration.ofNanos(51_999),
                request.getBytes(UTF_8),
                response.getBytes(UTF_8));
        assertThat(budget.tryTake(prediction.sizeBytes())).isTrue();
        return prediction;
    }
}
