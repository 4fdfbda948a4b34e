package dev.modelserving.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactCacheTest {
    private static final ModelRef IRIS = ModelRef.of("iris", 1);
    private static final long ROOMY = 1 << 20;

    @TempDir
    private Path directory;

    private final InMemoryArtifactStore store = new InMemoryArtifactStore();

    @Test
    void downloadsOnceAndKeeps() throws Exception {
        List<ArtifactFile> files = published(IRIS, "model");
        ArtifactCache cache = cache(ROOMY);
        Path first = fetch(cache, IRIS, files);
        Path second = fetch(cache, IRIS, files);
        assertThat(first).isEqualTo(second);
        assertThat(first.resolve("model.onnx")).hasContent("model");
        assertThat(store.downloads()).hasSize(1);
    }

    @Test
    void findsItsFilesAgainAfterARestart() throws Exception {
        List<ArtifactFile> files = published(IRIS, "model");
        fetch(cache(ROOMY), IRIS, files);
        fetch(cache(ROOMY), IRIS, files);
        assertThat(store.downloads()).hasSize(1);
    }

    @Test
    void doesNotTrustAFileThatWasChangedOnDisk() throws Exception {
        List<ArtifactFile> files = published(IRIS, "model");
        Path folder = fetch(cache(ROOMY), IRIS, files);
        Files.writeString(folder.resolve("model.onnx"), "MODEL");
        assertThat(fetch(cache(ROOMY), IRIS, files).resolve("model.onnx")).hasContent("model");
        assertThat(store.downloads()).hasSize(2);
    }

    @Test
    void refusesAnObjectThatIsNotTheRegisteredOne() throws Exception {
        List<ArtifactFile> files = published(IRIS, "model");
        store.put("models/iris/1/model.onnx", "other".getBytes(UTF_8));
        assertThatThrownBy(() -> fetch(cache(ROOMY), IRIS, files))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("models/iris/1/model.onnx has sha256")
                .hasMessageContaining("as registered");
    }

    @Test
    void leavesNothingThatALaterStartWouldTrustWhenADownloadIsCutOff() throws Exception {
        List<ArtifactFile> files = published(IRIS, "model");
        ArtifactCache cache = cache(ROOMY);
        store.cutDownloadsOff(true);
        assertThatThrownBy(() -> fetch(cache, IRIS, files)).hasMessageContaining("connection reset");
        assertThat(filesBelow(directory)).isEmpty();
        store.cutDownloadsOff(false);
        assertThat(fetch(cache, IRIS, files).resolve("model.onnx")).hasContent("model");
    }

    @Test
    void removesWhatACrashLeft() throws Exception {
        Path mine = Files.createDirectories(
                directory.resolve(".partial-" + ProcessHandle.current().pid() + "-1"));
        Files.writeString(mine.resolve("model.onnx"), "half");
        Path strange = Files.createDirectories(directory.resolve(".partial-nobody"));
        cache(ROOMY);
        assertThat(mine).doesNotExist();
        assertThat(strange).doesNotExist();
    }

    @Test
    void makesRoomByRemovingTheLeastRecentlyUsedVersionThatNobodyNeeds() throws Exception {
        ModelRef second = ModelRef.of("iris", 2);
        ModelRef third = ModelRef.of("iris", 3);
        ModelRef fourth = ModelRef.of("iris", 4);
        ArtifactCache cache = cache(34_000);
        Path needed = fetch(cache, IRIS, published(IRIS, "a".repeat(5_000)));
        Path older = fetch(cache, second, published(second, "b".repeat(5_000)));
        Path newer = fetch(cache, third, published(third, "c".repeat(5_000)));
        Files.setLastModifiedTime(needed, FileTime.from(Instant.EPOCH));
        Files.setLastModifiedTime(older, FileTime.from(Instant.EPOCH.plusSeconds(1)));
        List<ArtifactFile> big = published(fourth, "d".repeat(20_000));
        cache.fetch(fourth, Manifest.prefix(fourth), big, IRIS::equals);
        assertThat(needed).exists();
        assertThat(older).doesNotExist();
        assertThat(newer).exists();
    }

    @Test
    void fetchesManyVersionsAtTheSameTime() throws Exception {
        ArtifactCache cache = cache(1 << 24);
        ExecutorService loaders = Executors.newFixedThreadPool(8);
        try {
            List<Future<Path>> folders = new ArrayList<>();
            for (int version = 1; version <= 200; version++) {
                ModelRef ref = ModelRef.of("iris", version);
                List<ArtifactFile> files = published(ref, "model " + version);
                folders.add(loaders.submit(() -> fetch(cache, ref, files)));
            }
            for (Future<Path> folder : folders) {
                assertThat(folder.get().resolve("model.onnx")).isRegularFile();
            }
        } finally {
            loaders.shutdownNow();
        }
    }

    @Test
    void saysHowMuchRoomIsMissing() throws Exception {
        List<ArtifactFile> files = published(IRIS, "m".repeat(1_000));
        assertThatThrownBy(() -> fetch(cache(999), IRIS, files))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("1000 bytes are needed")
                .hasMessageContaining("MODEL_CACHE_MAX_BYTES");
    }

    @Test
    void keepsFilesInFoldersBelowTheVersion() throws Exception {
        store.put("models/iris/1/weights/w.bin", "w".getBytes(UTF_8));
        ArtifactFile nested = new ArtifactFile("weights/w.bin", Sha256.of("w".getBytes(UTF_8)), 1);
        Path folder = fetch(cache(ROOMY), IRIS, List.of(nested));
        assertThat(folder.resolve("weights/w.bin")).hasContent("w");
    }

    private ArtifactCache cache(long maxBytes) throws IOException {
        return new ArtifactCache(store, directory, maxBytes);
    }

    private static Path fetch(ArtifactCache cache, ModelRef ref, List<ArtifactFile> files) throws ArtifactException {
        return cache.fetch(ref, Manifest.prefix(ref), files, other -> false);
    }

    private List<ArtifactFile> published(ModelRef ref, String content) {
        byte[] bytes = content.getBytes(UTF_8);
        store.put(Manifest.prefix(ref) + "model.onnx", bytes);
        return List.of(new ArtifactFile("model.onnx", Sha256.of(bytes), bytes.length));
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).toList();
        }
    }
}
