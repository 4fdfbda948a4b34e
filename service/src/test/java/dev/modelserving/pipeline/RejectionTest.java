package dev.modelserving.pipeline;

import static dev.modelserving.registry.InMemoryVerificationRecords.candidate;
import static dev.modelserving.registry.InMemoryVerificationRecords.withFiles;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VerdictCode;
import dev.modelserving.registry.VersionRecord.Status;
import dev.modelserving.verification.LoadMarkers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a version that is not as it should be. */
class RejectionTest {
    private static final ModelRef IRIS = VerificationBench.IRIS;
    private static final Path EDGE = Path.of("..", "test", "edge-models");
    private static final Path BROKEN = Path.of("..", "test", "broken-models");

    @TempDir
    private Path work;

    private VerificationBench bench;

    @BeforeEach
    void publishIris() throws Exception {
        bench = new VerificationBench(work);
        bench.publish(IRIS, SampleFolders.IRIS_1);
        bench.records.put(candidate(IRIS, Status.REGISTERED, 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {                                                                 | MANIFEST_INVALID
            {"modelId":"iris","version":2,"files":[FILE]}                     | MANIFEST_INVALID
            {"modelId":"penguins","version":1,"files":[FILE]}                 | MANIFEST_INVALID
            {"modelId":"iris","version":1,"files":[FILE,FILE]}                | MANIFEST_INVALID
            {"modelId":"iris","version":1,"files":[FILE],"examples":"x.json"} | MANIFEST_INVALID
            {"modelId":"iris","version":1,"files":[FILE],"batching":"never"}  | MANIFEST_INVALID
            {"modelId":"iris","version":1,"files":[FILE,UP]}                  | MANIFEST_INVALID
            {"modelId":"iris","version":1,"files":[FILE,HUGE]}                | TOO_LARGE
            {"modelId":"iris","version":1,"files":[FILE,ABSENT]}              | FILE_MISSING
            """)
    void writesNothingOfAModelWhoseManifestIsNotRight(String manifest, VerdictCode code) throws Exception {
        String sha = "0".repeat(64);
        String entry = "{\"path\":\"%s\",\"sha256\":\"" + sha + "\",\"sizeBytes\":%s}";
        String json = manifest.replace("FILE", entry.formatted("model.onnx", "1"))
                .replace("UP", entry.formatted("../x", "1"))
                .replace("HUGE", entry.formatted("w", "999999999999"))
                .replace("ABSENT", entry.formatted("absent", "1"));
        bench.store.put("models/iris/1/model.onnx", new byte[1]);
        bench.store.put("models/iris/1/manifest.json", json.getBytes(UTF_8));
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code())
                .isIn(code, code == VerdictCode.FILE_MISSING ? VerdictCode.FILE_CORRUPT : code);
        assertThat(bench.store.downloads()).hasSize(code == VerdictCode.FILE_MISSING ? 1 : 0);
        assertThat(bench.records.status(IRIS)).isEqualTo(Status.REJECTED);
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.records.verdicts().get(1).message())
                .isEqualTo(bench.verdict().message());
    }

    @Test
    void rejectsAManifestThatIsTooLongOrNamesOtherFilesThanRegistered() throws Exception {
        bench.records.put(
                withFiles(candidate(IRIS, Status.REGISTERED, 1), List.of(VerificationBench.file("model.onnx"))));
        bench.verify();
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.FILES_DIFFER);
        bench.store.put("models/iris/1/manifest.json", new byte[Manifest.LONGEST_BYTES + 1]);
        bench.verify();
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.TOO_LARGE);
        assertThat(bench.store.downloads()).isEmpty();
    }

    @Test
    void rejectsAFileThatIsMissing() throws Exception {
        ModelRef incomplete = ModelRef.of("incomplete", 1);
        bench.publish(incomplete, SampleFolders.IRIS_1);
        bench.records.put(candidate(incomplete, Status.REGISTERED, 1));
        bench.store.remove("models/incomplete/1/model.onnx");
        assertThat(bench.verify(incomplete)).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.FILE_MISSING);
        assertThat(bench.verdict().message()).contains("models/incomplete/1/model.onnx does not exist");
    }

    @Test
    void rejectsWhatDoesNotLoad() throws Exception {
        Path folder = Files.createDirectories(work.resolve("truncated"));
        Files.copy(BROKEN.resolve("truncated.onnx"), folder.resolve("model.onnx"));
        assertThat(bench.verify(bench.registered("truncated", folder))).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.LOAD_FAILED);
        assertThat(bench.verdict().message()).contains("cut off, or is no ONNX model");
    }

    @Test
    void runsEveryExampleAndCountsThoseThatAreAnsweredWrongly() throws Exception {
        Path folder = Files.createDirectories(work.resolve("wrong"));
        Files.copy(EDGE.resolve("echo-fp32/1/model.onnx"), folder.resolve("model.onnx"));
        String example = """
                {"name":"%s","request":{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[1]}]},
                 "response":{"outputs":[{"name":"y","shape":[1,1],"datatype":"FP32","data":[%d]}]}}""";
        String examples = Stream.of(example.formatted("a", 2), example.formatted("b", 1), example.formatted("c", 3))
                .collect(Collectors.joining(",", "{\"examples\":[", "]}"));
        Files.writeString(folder.resolve("examples.json"), examples);
        assertThat(bench.verify(bench.registered("wrong", folder))).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.EXAMPLES_MISMATCH);
        assertThat(bench.verdict().measured().examplesFailed()).isEqualTo(2);
        assertThat(bench.verdict().measured().examplesPassed()).isEqualTo(1);
        assertThat(bench.verdict().message())
                .isEqualTo("2 of 3 examples answered wrongly: example 'a': output 'y' has 1.0 at 0 (expected: 2.0)");
    }

    @Test
    void rejectsExamplesThatCannotBeRead() throws Exception {
        Path folder = Files.createDirectories(work.resolve("unreadable"));
        Files.copy(EDGE.resolve("echo-fp32/1/model.onnx"), folder.resolve("model.onnx"));
        Files.writeString(folder.resolve("examples.json"), "{\"examples\":[{\"tolerance\":{\"absolute\":-1}}]}");
        assertThat(bench.verify(bench.registered("unreadable", folder))).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.EXAMPLES_INVALID);
    }

    @Test
    void verifiesAModelWithoutExamples() throws Exception {
        Path folder = Files.createDirectories(work.resolve("plain"));
        Files.copy(EDGE.resolve("echo-fp32/1/model.onnx"), folder.resolve("model.onnx"));
        assertThat(bench.verify(bench.registered("plain", folder))).isEqualTo(ExitCode.DONE);
        assertThat(bench.verdict().measured().latencyMicrosP99()).isZero();
    }

    @Test
    void rejectsAVersionThatKilledEarlierProcesses() throws Exception {
        bench.verify();
        long nobody = 1L << 40;
        String key = LoadMarkers.key(IRIS, bench.cached(IRIS));
        for (int death = 0; death < 2; death++) {
            Files.writeString(work.resolve("cache").resolve(".loading-" + key), Long.toString(nobody));
            LoadMarkers.open(work.resolve("cache"));
        }
        assertThat(bench.verify()).isEqualTo(ExitCode.REJECTED);
        assertThat(bench.verdict().code()).isEqualTo(VerdictCode.CRASHED);
    }
}
