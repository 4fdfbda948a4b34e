package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.runtime.RunInterrupt;
import dev.modelserving.runtime.ThisRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real models: those of {@code test/batching-models}, whose README says what each does, the samples, the edge models. */
class BatchingProofTest {
    private static final Path TEST = Path.of("..", "test");
    private static final Path BATCHING = TEST.resolve("batching-models");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                time-first          | rows of 'y' moved by
                after-the-first     | rows of 'y' moved by
                running-sum         | rows of 'y' moved by
                row-number          | rows of 'y' moved by
                batch-mean          | rows of 'y' moved by
                batch-norm-training | rows of 'y' moved by
                dynamic-quantised   | rows of 'y' moved by
                padding-sensitive   | rows of 'y' moved by
                sorted-rows         | rows of 'y' moved by
                global-maximum      | some with numbers 1000 times as large
                poisoned            | some with NaN or an infinity
                crowded             | when joined with others in 24 rows; allowed: 0.0001 absolute, 0.0001 relative
                noise               | it answers the same request otherwise each time: output 'y' moved by
                fixed-rows          | input 'x' has a fixed first axis of 1 (shape [1, 4]), which cannot be the batch
                state-on-axis-1     | (shape [1, -1, 3]), which cannot be the batch: its batch is on axis 1
                one-row-out         | output 'y' has a first axis of 1 for 3 rows (shape [1, 4])
                twice-the-rows      | output 'y' has a first axis of 2 for 1 row (shape [2, 4])
                chosen-rows         | output 'y' has a first axis of
                scalar-beside       | output 'mean' is one value for all rows
                pairs               | rows of 'y' have shape [1, 4] instead of [1, 1] when joined with others
                alike               | output 'y' is the same for all its examples and their variations
                nearly-alike        | output 'y' is the same for all its examples and their variations
                first-of-all        | rows of 'y' moved by
                scanned             | rows of 'y' moved by
                norm-over-all       | rows of 'y' moved by
                found-places        | rows of 'y' changed when joined with others
                dropout-in-training | it answers the same request otherwise each time: output 'y' moved by
                unique-rows         | output 'y' has a first axis of 3 for 4 rows
                how-many-alike      | rows of 'y' moved by
                at-ten              | when joined with others in 10 rows; allowed: 0.0001 absolute, 0.0001 relative
                row-pointer         | some with other codes or texts
                first-language      | some with other codes or texts
                padded-words        | some with other codes or texts
                only-language       | input 'language' is the same in all its examples
                chosen-codes        | output 'y' has a first axis of 0 for 1 row
                turned-by-reshape   | rows of 'y' moved by
                """)
    void doesNotAllowWhatWouldChangeAnAnswer(String model, String reason) throws Exception {
        BatchingVerdict verdict = verdict(BATCHING.resolve(model).resolve("1"));
        assertThat(verdict.allowed()).as(verdict.reason()).isFalse();
        assertThat(verdict.maxRows()).isEqualTo(1);
        assertThat(verdict.reason()).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mlp",
                "two-inputs",
                "strings",
                "int-labels",
                "batch-first",
                "static-quantised",
                "row-norm",
                "attention",
                "masked",
                "word-count"
            })
    void allowsWhereRowsKeepToThemselves(String model) throws Exception {
        assertAllowed(verdict(BATCHING.resolve(model).resolve("1")));
    }

    /** Even where only batches of two can show it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "poisoned",
                "global-maximum",
                "unique-rows",
                "how-many-alike",
                "nearly-alike",
                "row-pointer",
                "first-language",
                "padded-words",
                "only-language",
                "chosen-codes",
                "turned-by-reshape"
            })
    void doesNotAllowInPairsWhatWouldChangeAnAnswer(String model) throws Exception {
        BatchingVerdict verdict = verdict(
                BATCHING.resolve(model).resolve("1"), Optional.of("examples.json"), details(2, Manifest.Batching.AUTO));
        assertThat(verdict.allowed()).as(verdict.reason()).isFalse();
    }

    @Test
    void sortsEveryBatchingModelOneWayOrTheOther() throws Exception {
        try (Stream<Path> models = Files.list(BATCHING).filter(Files::isDirectory)) {
            assertThat(models).hasSize(46);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"iris/1", "iris/2", "penguins/1", "breast-cancer/1", "diabetes/1", "digits/1"})
    void allowsTheSampleModelsThatAreTablesAndImages(String model) throws Exception {
        assertAllowed(verdict(TEST.resolve("models").resolve(model)));
    }

    /** It takes milliseconds a row, so the number of rows depends on how fast the machine is. */
    @Test
    void allowsAModelWithWideRows() throws Exception {
        BatchingVerdict verdict = verdict(TEST.resolve("models/magika/1"));
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void doesNotAllowAVoiceModelWithState() throws Exception {
        BatchingVerdict verdict = verdict(TEST.resolve("models/silero-vad/1"));
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason()).contains("input 'state' has a fixed first axis of 2 (shape [2, -1, 128])");
        assertThat(verdict.kind()).isEqualTo(RuntimeKind.ANY);
    }

    @Test
    void findsOutOfEveryEdgeModelThatLoads() throws Exception {
        Map<String, String> reasons = new TreeMap<>();
        TreeSet<String> allowed = new TreeSet<>();
        for (String model : edgeModels()) {
            BatchingVerdict verdict =
                    verdict(TEST.resolve("edge-models").resolve(model).resolve("1"));
            if (verdict.allowed()) {
                allowed.add(model);
            } else {
                reasons.put(model, verdict.reason());
            }
        }
        assertThat(allowed)
                .containsExactly(
                        "code-labels",
                        "echo-bf16",
                        "echo-bool",
                        "echo-bytes",
                        "echo-fp16",
                        "echo-fp32",
                        "echo-fp64",
                        "echo-int16",
                        "echo-int32",
                        "echo-int64",
                        "echo-int8",
                        "echo-uint8",
                        "external-weights",
                        "int-division",
                        "label-codes",
                        "rank-9",
                        "rank-9-bytes",
                        "shared-axis",
                        "string-concat",
                        "unnamed-axes",
                        "unsigned-outputs",
                        "zipmap-ints",
                        "zipmap-strings");
        assertThat(reasons)
                .containsOnlyKeys(
                        "duplicate-dims",
                        "independent-axes",
                        "no-inputs",
                        "optional-node-output",
                        "scalar",
                        "scalar-bytes",
                        "scalar-int",
                        "sequence-bytes",
                        "sequence-equal",
                        "shape-by-values");
        assertThat(reasons.get("independent-axes")).contains("are named 'n' and 'm'");
        assertThat(reasons.get("duplicate-dims")).contains("axis 1 of input 'x' is 'n' like the first one");
        assertThat(reasons.get("no-inputs")).isEqualTo("it has no inputs, so there is nothing to join");
        assertThat(reasons.get("scalar")).contains("input 'x' is a scalar");
        assertThat(reasons.get("sequence-equal")).isEqualTo("output 'parts' is a sequence, which has no rows");
    }

    private static List<String> edgeModels() throws IOException {
        return EdgeModelsTest.modelsWithExamples();
    }

    @Test
    void doesNotAllowAModelWithoutExamples() throws Exception {
        BatchingVerdict verdict = verdict(BATCHING.resolve("mlp/1"), Optional.empty(), Manifest.Details.NONE);
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason()).isEqualTo("it has no examples, with which it could be tried");
    }

    @Test
    void doesWhatTheManifestSays() throws Exception {
        BatchingVerdict on =
                verdict(BATCHING.resolve("batch-mean/1"), Optional.empty(), details(16, Manifest.Batching.ON));
        assertThat(on.allowed()).isTrue();
        assertThat(on.maxRows()).isEqualTo(16);
        assertThat(on.reason()).isEqualTo("the manifest says \"batching\": \"on\"; it was not tried");
        assertThat(on.kind()).isEqualTo(RuntimeKind.ANY);
        BatchingVerdict off =
                verdict(BATCHING.resolve("mlp/1"), Optional.of("examples.json"), details(16, Manifest.Batching.OFF));
        assertThat(off.allowed()).isFalse();
        assertThat(off.reason()).isEqualTo("the manifest says \"batching\": \"off\"");
        BatchingVerdict impossible =
                verdict(BATCHING.resolve("fixed-rows/1"), Optional.empty(), details(16, Manifest.Batching.ON));
        assertThat(impossible.allowed()).isFalse();
        assertThat(impossible.reason())
                .startsWith("the manifest says \"batching\": \"on\", but input 'x' has a fixed first");
    }

    @Test
    void joinsNoMoreRowsThanTheManifestAllows() throws Exception {
        for (int most : List.of(2, 3, 100)) {
            BatchingVerdict verdict = verdict(
                    BATCHING.resolve("mlp/1"), Optional.of("examples.json"), details(most, Manifest.Batching.AUTO));
            assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
            assertThat(verdict.maxRows()).isEqualTo(most);
        }
        BatchingVerdict one =
                verdict(BATCHING.resolve("mlp/1"), Optional.of("examples.json"), details(1, Manifest.Batching.AUTO));
        assertThat(one.allowed()).isFalse();
        assertThat(one.reason()).isEqualTo("the manifest says \"maxBatchSize\": 1");
    }

    private static Manifest.Details details(int largestBatch, Manifest.Batching batching) {
        return new Manifest.Details(largestBatch, batching, Map.of(), Map.of());
    }

    private static void assertAllowed(BatchingVerdict verdict) {
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isEqualTo(64);
        assertThat(verdict.reason()).isEqualTo("answers stayed the same in joined runs of 2 to 64 rows");
        assertThat(verdict.kind()).isEqualTo(ThisRuntime.kind());
    }

    private static BatchingVerdict verdict(Path folder) throws Exception {
        return verdict(folder, Optional.of("examples.json"), Manifest.Details.NONE);
    }

    private static BatchingVerdict verdict(Path folder, Optional<String> examples, Manifest.Details details)
            throws Exception {
        try (CheckedModel checked = CheckedModel.load(folder, examples, new RunInterrupt(), step -> {})) {
            checked.requireRightAnswers();
            return BatchingProof.of(checked, details, new RunInterrupt());
        }
    }
}
