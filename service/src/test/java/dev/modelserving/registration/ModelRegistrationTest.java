package dev.modelserving.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.SampleFolders;
import dev.modelserving.artifact.InMemoryArtifactStore;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.InMemoryModelRegistry;
import dev.modelserving.registry.VersionRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistrationTest {
    private static final ModelRef IRIS = ModelRef.of("iris", 1);

    @TempDir
    private Path folder;

    private final InMemoryArtifactStore store = new InMemoryArtifactStore();
    private final InMemoryModelRegistry registry = new InMemoryModelRegistry();
    private final ModelRegistration registration = new ModelRegistration(store, registry);

    @Test
    void uploadsTheFilesAndTheManifest() throws Exception {
        copyIris();
        Files.writeString(folder.resolve(".hidden"), "x");
        assertThat(registration.register(IRIS, folder, "flowers")).isTrue();
        Manifest manifest = Manifest.fromJson(
                store.read("models/iris/1/manifest.json", 1 << 20).orElseThrow());
        assertThat(manifest.files()).extracting("path").containsExactly("examples.json", "model.onnx");
        assertThat(manifest.examples()).contains("examples.json");
        assertThat(store.read("models/iris/1/model.onnx", 1 << 20)).isPresent();
    }

    @Test
    void recordsWhetherRequestsMayBeJoined() throws Exception {
        copyIris();
        registration.register(IRIS, folder, "flowers");
        assertThat(recordedBatching().allowed()).as(recordedBatching().reason()).isTrue();
    }

    @Test
    void joinsNothingWhereTheManifestForbidsIt() throws Exception {
        copyIris();
        Manifest.Details details = new Manifest.Details(null, Manifest.Batching.OFF, Map.of(), Map.of());
        registration.register(IRIS, folder, "flowers", details);
        assertThat(recordedBatching().allowed()).isFalse();
        Manifest manifest = Manifest.fromJson(
                store.read("models/iris/1/manifest.json", 1 << 20).orElseThrow());
        assertThat(manifest.details()).isEqualTo(details);
    }

    private BatchingVerdict recordedBatching() throws Exception {
        VersionRecord record = (VersionRecord) registry.changedSince(Instant.EPOCH).records().stream()
                .filter(VersionRecord.class::isInstance)
                .findFirst()
                .orElseThrow();
        return record.batching().orElseThrow();
    }

    @Test
    void registersTheSameVersionOnlyOnce() throws Exception {
        copyIris();
        assertThat(registration.register(IRIS, folder, "flowers")).isTrue();
        assertThat(registration.register(IRIS, folder, "flowers")).isFalse();
    }

    @Test
    void refusesOtherFilesUnderTheSameVersionAndLeavesTheFirstAsTheyAre() throws Exception {
        copyIris();
        registration.register(IRIS, folder, "flowers");
        byte[] before = store.read("models/iris/1/model.onnx", 1 << 20).orElseThrow();
        assertThatThrownBy(() -> registration.register(IRIS, SampleFolders.IRIS_2, "flowers"))
                .isInstanceOf(RegistrationException.class)
                .hasMessageContaining("registered with other files");
        assertThat(store.read("models/iris/1/model.onnx", 1 << 20)).hasValue(before);
    }

    @Test
    void uploadsNothingWhenAnExampleIsAnsweredWrongly() throws Exception {
        copyIris();
        Files.copy(
                SampleFolders.IRIS_2.resolve("examples.json"),
                folder.resolve("examples.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> registration.register(IRIS, folder, "flowers"))
                .isInstanceOf(RegistrationException.class)
                .hasMessageContaining("output 'probabilities' has");
        assertThat(store.read("models/iris/1/model.onnx", 1 << 20)).isEmpty();
    }

    @Test
    void saysThatAFolderHasNoModel() throws Exception {
        Files.writeString(folder.resolve("weights.bin"), "x");
        assertThatThrownBy(() -> registration.register(IRIS, folder, "flowers"))
                .isInstanceOf(RegistrationException.class)
                .hasMessageContaining("files have no model.onnx");
        Files.writeString(folder.resolve("model.onnx"), "x");
        assertThatThrownBy(() -> registration.register(IRIS, folder, "flowers"))
                .hasMessageContaining("ONNX Runtime cannot load it");
    }

    private void copyIris() throws Exception {
        for (String name : new String[] {"model.onnx", "examples.json"}) {
            Files.copy(SampleFolders.IRIS_1.resolve(name), folder.resolve(name));
        }
    }
}
