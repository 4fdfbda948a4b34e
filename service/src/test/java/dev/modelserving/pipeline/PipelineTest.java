package dev.modelserving.pipeline;

import static dev.modelserving.registry.InMemoryVerificationRecords.candidate;
import static dev.modelserving.registry.InMemoryVerificationRecords.pointedTo;
import static dev.modelserving.registry.InMemoryVerificationRecords.withFiles;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.Candidate;
import dev.modelserving.registry.RegistryException;
import dev.modelserving.registry.Verdict;
import dev.modelserving.registry.VerdictCode;
import dev.modelserving.registry.VersionRecord.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a version. */
class PipelineTest {
    private static final ModelRef IRIS = VerificationBench.IRIS;

    @TempDir
    private Path work;

    private VerificationBench bench;

    @BeforeEach
    void publishIris() throws Exception {
        bench = new VerificationBench(work);
        bench.publish(IRIS, SampleFolders.IRIS_1);
        bench.records.put(candidate(IRIS, Status.REGISTERED, 1));
    }

    @Test
    void verifiesAVersionOfWhichOnlyTheManifestKnowsTheFiles() throws Exception {
        assertThat(bench.verify()).isEqualTo(ExitCode.DONE);
        Verdict verdict = bench.verdict();
        assertThat(verdict.code()).isEqualTo(VerdictCode.VERIFIED);
        assertThat(verdict.run().id()).isEqualTo("execution");
        Verdict.Measured measured = verdict.measured();
        assertThat(measured.examplesPassed()).isPositive();
        assertThat(measured.examplesFailed()).isZero();
        assertThat(measured.memoryBytes()).isBetween(Files.size(SampleFolders.IRIS_1.resolve("model.onnx")), 64L << 20);
        assertThat(measured.latencyMicrosP50()).isPositive().isLessThanOrEqualTo(measured.latencyMicrosP99());
        assertThat(bench.records.status(IRIS)).isEqualTo(Status.VERIFIED);
        assertThat(bench.records.changes().get(0).filledIn()).hasValueSatisfying(found -> {
            assertThat(found.manifest().files()).extracting("path").containsExactly("examples.json", "model.onnx");
            assertThat(found.signature().inputNames()).containsExactly("features");
        });
    }

    @Test
    void saysTheSameWhenItIsRunAgain() throws Exception {
        bench.verify();
        assertThat(bench.verify()).isEqualTo(ExitCode.DONE);
        assertThat(bench.records.verdicts()).extracting("code").containsOnly(VerdictCode.VERIFIED);
        assertThat(bench.records.verdicts())
                .extracting("message")
                .containsOnly(bench.verdict().message());
        assertThat(bench.records.changes()).hasSize(1);
    }

    @Test
    void verifiesAVersionThatWasRejectedWhenWhatWasMissingHasCome() throws Exception {
        ModelRef late = ModelRef.of("late", 1);
        bench.records.put(candidate(late, Status.REGISTERED, 1));
        assertThat(bench.verify(late)).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verify(late)).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.records.changes()).hasSize(1);
        bench.publish(late, SampleFolders.IRIS_1);
        assertThat(bench.verify(late)).isEqualTo(ExitCode.DONE);
        assertThat(bench.records.status(late)).isEqualTo(Status.VERIFIED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"VERIFIED", "ARCHIVED"})
    void neverChangesTheStatusOfAVersionThatIsOrWasServed(Status status) throws Exception {
        bench.records.put(candidate(IRIS, status, 3));
        bench.store.put("models/iris/1/model.onnx", "other".getBytes(UTF_8));
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code())
                .isEqualTo(status == Status.VERIFIED ? VerdictCode.FILE_CORRUPT : VerdictCode.ARCHIVED);
        assertThat(bench.records.changes()).isEmpty();
    }

    @Test
    void neverChangesTheStatusOfAVersionThatAnAliasPointsTo() throws Exception {
        bench.records.put(pointedTo(candidate(IRIS, Status.REGISTERED, 1)));
        assertThat(bench.verify()).isEqualTo(ExitCode.DONE);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.VERIFIED);
        assertThat(bench.records.changes()).isEmpty();
    }

    @Test
    void decidesAgainWhenAnotherWriterWasFaster() throws Exception {
        bench.records.putBeforeTheNextWrite(candidate(IRIS, Status.REGISTERED, 2));
        assertThat(bench.verify()).isEqualTo(ExitCode.DONE);
        assertThat(bench.records.status(IRIS)).isEqualTo(Status.VERIFIED);
        assertThat(bench.records.candidate(IRIS)).map(Candidate::rev).contains(3L);
    }

    @Test
    void leavesAVersionAloneThatWasArchivedMeanwhile() throws Exception {
        bench.records.putBeforeTheNextWrite(candidate(IRIS, Status.ARCHIVED, 2));
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.ARCHIVED);
        assertThat(bench.records.changes()).isEmpty();
    }

    @Test
    void rejectsWhatAnotherWriterRegisteredWithOtherFilesMeanwhile() throws Exception {
        bench.records.putBeforeTheNextWrite(
                withFiles(candidate(IRIS, Status.REGISTERED, 2), List.of(VerificationBench.file("model.onnx"))));
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.FILES_DIFFER);
        assertThat(bench.records.status(IRIS)).isEqualTo(Status.REJECTED);
    }

    @Test
    void givesUpWhenOthersAreAlwaysFaster() throws Exception {
        bench.records.failNext(RegistryException.Kind.OVERTAKEN, 100);
        assertThat(bench.verify()).isEqualTo(ExitCode.TEMPORARY_FAILURE);
        assertThat(bench.records.verdicts()).isEmpty();
    }

    @Test
    void triesAgainWhatIsTemporary() throws Exception {
        bench.records.failNext(RegistryException.Kind.UNAVAILABLE, 2);
        assertThat(bench.verify()).isEqualTo(ExitCode.DONE);
        bench.store.cutDownloadsOff(true);
        assertThat(bench.verify()).isEqualTo(ExitCode.TEMPORARY_FAILURE);
    }

    @Test
    void tellsWhatItCannotDo() throws Exception {
        assertThat(bench.verify(ModelRef.of("absent", 1))).isEqualTo(ExitCode.NOT_REGISTERED);
        bench.records.failNext(RegistryException.Kind.MISCONFIGURED, 1);
        assertThat(bench.verify()).isEqualTo(ExitCode.CONFIGURATION);
        bench.records.failNext(RegistryException.Kind.REFUSED, 1);
        assertThat(bench.verify()).isEqualTo(ExitCode.INTERNAL_FAILURE);
    }

    @Test
    void verifiesEveryChampionAndTellsTheWorst() throws Exception {
        ModelRef penguins = ModelRef.of("penguins", 1);
        bench.publish(penguins, SampleFolders.PENGUINS);
        bench.records.put(pointedTo(candidate(IRIS, Status.VERIFIED, 1)));
        bench.records.put(pointedTo(candidate(penguins, Status.VERIFIED, 1)));
        assertThat(bench.pipeline().verify(Optional.empty())).isEqualTo(ExitCode.DONE);
        bench.store.put("models/iris/1/model.onnx", "other".getBytes(UTF_8));
        assertThat(bench.pipeline().verify(Optional.empty())).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.records.verdicts())
                .extracting("code")
                .containsExactly(
                        VerdictCode.VERIFIED, VerdictCode.VERIFIED, VerdictCode.FILE_CORRUPT, VerdictCode.VERIFIED);
    }

    @Test
    void hasNothingToDoWithoutAChampion() throws Exception {
        assertThat(bench.pipeline().verify(Optional.empty())).isEqualTo(ExitCode.DONE);
    }

    @Test
    void writesNothingAfterItWasToldToEnd() {
        bench.interruption.request();
        assertThatThrownBy(bench::verify).isInstanceOf(InterruptedException.class);
        assertThat(bench.records.verdicts()).isEmpty();
        assertThat(bench.records.changes()).isEmpty();
    }

    @Test
    void failsByItselfWhenTheDiskDoes() throws Exception {
        Files.createDirectories(work.resolve("cache"));
        Files.writeString(work.resolve("cache/iris"), "in the way");
        assertThat(bench.verify()).isEqualTo(ExitCode.INTERNAL_FAILURE);
        assertThat(bench.records.verdicts()).isEmpty();
        assertThat(bench.records.changes()).isEmpty();
    }
}
