package dev.modelserving.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.ModelRef;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
