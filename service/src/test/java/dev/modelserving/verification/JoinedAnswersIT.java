package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.runtime.RunInterrupt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Answers under mixed load: requests of random rows, values, shapes and outputs to all models that may be joined, each answer
 * compared with that which the request got alone. {@code -Djoined.answers} says how many.
 */
class JoinedAnswersIT {
    private static final Path TEST = Path.of("..", "test");
    private static final long JOINED = Long.getLong("joined.answers", 20_000);
    private static final Duration LIMIT = Duration.ofSeconds(20 + JOINED / 500);

    private static final List<String> MAY_BE_JOINED = List.of(
            "batching-models/attention",
            "batching-models/batch-first",
            "batching-models/int-labels",
            "batching-models/masked",
            "batching-models/mlp",
            "batching-models/row-norm",
            "batching-models/static-quantised",
            "batching-models/strings",
            "batching-models/two-inputs",
            "batching-models/word-count",
            "models/breast-cancer",
            "models/diabetes",
            "models/digits",
            "models/iris",
            "models/magika",
            "models/penguins");

    private final List<LoadedSubject> subjects = new ArrayList<>();

    @AfterEach
    void close() {
        subjects.forEach(LoadedSubject::close);
    }

    @Test
    void areThoseThatTheRequestsGetAlone() throws Exception {
        for (String name : MAY_BE_JOINED) {
            CheckedModel checked = LoadedSubject.load(TEST.resolve(name).resolve("1"));
            BatchingVerdict verdict = BatchingProof.of(checked, Manifest.Details.NONE, new RunInterrupt());
            assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
            subjects.add(new LoadedSubject(name, checked, verdict.maxRows()));
        }
        MixedLoad load = new MixedLoad(subjects, JOINED, LIMIT);
        load.run();
        assertThat(subjects).allSatisfy(subject -> assertThat(subject.wrong).isEmpty());
        assertThat(load.joined()).isGreaterThanOrEqualTo(JOINED);
        assertThat(subjects)
                .filteredOn(subject -> subject.joined.get() == 0)
                .extracting(subject -> subject.name)
                .isSubsetOf("models/magika");
    }

    /** What the comparison is worth. */
    @Test
    void wouldBeSeenToDifferOfAModelThatMixesRows() throws Exception {
        for (String name : List.of("batch-mean", "poisoned", "first-language", "turned-by-reshape", "batch-first")) {
            Path folder = TEST.resolve("batching-models").resolve(name).resolve("1");
            subjects.add(new LoadedSubject(name, LoadedSubject.load(folder), 64));
        }
        new MixedLoad(subjects, 1000, LIMIT).run();
        assertThat(subjects)
                .filteredOn(subject -> subject.wrong.isEmpty())
                .extracting(subject -> subject.name)
                .containsExactly("batch-first");
    }
}
