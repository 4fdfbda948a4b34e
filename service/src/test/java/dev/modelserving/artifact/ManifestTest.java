package dev.modelserving.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.ModelRef;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final String SHA = "0".repeat(64);
    private static final ArtifactFile MODEL = new ArtifactFile("model.onnx", SHA, 1);
    private static final ArtifactFile EXAMPLES = new ArtifactFile("examples.json", SHA, 2);

    @Test
    void readsWhatItWrites() throws Exception {
        Manifest manifest =
                new Manifest(ModelRef.of("iris", 2), List.of(MODEL, EXAMPLES), "examples.json", "a \"flower\"");
        assertThat(Manifest.fromJson(manifest.toJson())).isEqualTo(manifest);
    }

    @Test
    void readsItsDetails() throws Exception {
        Manifest manifest = new Manifest(
                ModelRef.of("iris", 2),
                List.of(MODEL),
                null,
                "",
                new Manifest.Details(
                        32,
                        Manifest.Batching.OFF,
                        Map.of("accuracy", new BigDecimal("0.97"), "of", Map.of("rows", List.of(1L, true, "x"))),
                        Map.of("gitCommit", "abc")));
        assertThat(Manifest.fromJson(manifest.toJson())).isEqualTo(manifest);
        assertThat(manifest.details().maxBatchSize()).contains(32);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "batching":"sometimes"            | batching 'sometimes' (expected: auto, on or off)
            "maxBatchSize":0                  | maxBatchSize 0 (expected: 1 to
            "maxBatchSize":1.5                | maxBatchSize is '1.5' (expected: a whole number)
            "version":"1"                     | Duplicate field 'version'
            "metrics":[1]                     | metrics is '[1]' (expected: an object)
            "metrics":{"p":1e-200}            | the number 1e-200 (expected: at most 38 digits
            "metrics":{"p":NaN}               | no valid JSON
            "metrics":{"a":[null]}            | null in an array
            "lineage":{"gitCommit":1}         | lineage.gitCommit is '1' (expected: a string
            "description":["x"]               | description is '[x]' (expected: a string
            "examples":"absent.json"          | files have no 'absent.json'
            "x":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]] | nesting depth
            """)
    void refusesADetailOfAnotherForm(String field, String reason) {
        String json = """
                {"modelId":"iris","version":1,"files":[{"path":"model.onnx","sha256":"%s","sizeBytes":1}],%s}""".formatted(SHA, field);
        assertThatThrownBy(() -> Manifest.fromJson(json.getBytes(UTF_8)))
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith("manifest.json is not a manifest")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10000000000", "\"1\"", "1.0", "01", "1e0", "null", "99999999999999999999"})
    void takesOnlyTheCanonicalFormOfAVersion(String version) {
        String json = """
                {"modelId":"iris","version":%s,"files":[{"path":"model.onnx","sha256":"%s","sizeBytes":1}]}""".formatted(version, SHA);
        assertThatThrownBy(() -> Manifest.fromJson(json.getBytes(UTF_8))).isInstanceOf(ArtifactException.class);
    }

    @Test
    void refusesFilesThatNoFolderCouldHold() {
        ArtifactFile inside = new ArtifactFile("model.onnx/weights", SHA, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.checkFiles(List.of(MODEL, inside), null))
                .withMessageContaining("is a file and the folder of");
        ArtifactFile huge = new ArtifactFile("weights", SHA, Long.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.checkFiles(List.of(MODEL, huge), null))
                .withMessageContaining("more than");
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile("\ud800", SHA, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile("\u00e9".repeat(128), SHA, 1));
    }

    @Test
    void ignoresWhatItDoesNotKnow() throws Exception {
        String json = """
                {"modelId":"iris","version":1,"files":[{"path":"model.onnx","sha256":"%s","sizeBytes":1,"new":1}],
                 "metrics":{"accuracy":0.9},"later":[1,2]}""".formatted(SHA);
        assertThat(Manifest.fromJson(json.getBytes(UTF_8)).examples()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"modelId\":\"Iris\",\"version\":1,\"files\":[]}", "null"})
    void saysThatItIsNoManifest(String json) {
        assertThatThrownBy(() -> Manifest.fromJson(json.getBytes(UTF_8)))
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith("manifest.json is not a manifest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/", "a\\b", "a\u0000b"})
    void refusesAPathThatCouldLeaveTheFolder(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile(path, SHA, 1));
    }

    @Test
    void refusesWhatIsNoFile() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile("a".repeat(513), SHA, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile("a", "abc", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ArtifactFile("a", SHA, -1));
    }

    @Test
    void needsAModelAndUniquePathsAndTheExamplesThatItNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.checkFiles(List.of(EXAMPLES), null))
                .withMessageContaining("model.onnx");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.checkFiles(List.of(MODEL, MODEL), null))
                .withMessageContaining("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.checkFiles(List.of(MODEL), "examples.json"))
                .withMessageContaining("examples.json");
    }
}
