package dev.modelserving.pipeline;

import static dev.modelserving.registry.InMemoryVerificationRecords.candidate;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.InMemoryArtifactStore;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.artifact.Sha256;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.InMemoryVerificationRecords;
import dev.modelserving.registry.Verdict;
import dev.modelserving.registry.VersionRecord.Status;
import dev.modelserving.verification.LoadMarkers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A pipeline on a store and records that are on the heap. */
final class VerificationBench {
    static final ModelRef IRIS = ModelRef.of("iris", 1);

    final InMemoryArtifactStore store = new InMemoryArtifactStore();
    final InMemoryVerificationRecords records = new InMemoryVerificationRecords();
    final Interruption interruption = new Interruption();
    private final Path cache;

    VerificationBench(Path work) {
        cache = work.resolve("cache");
    }

    /** The one folder of the version in the cache. */
    Path cached(ModelRef ref) throws Exception {
        try (Stream<Path> folders =
                Files.list(cache.resolve(ref.id().value()).resolve(ref.version().toString()))) {
            return folders.findFirst().orElseThrow();
        }
    }

    /** Version 1 of a model, published and REGISTERED. */
    ModelRef registered(String id, Path folder) throws Exception {
        ModelRef ref = ModelRef.of(id, 1);
        publish(ref, folder);
        records.put(candidate(ref, Status.REGISTERED, 1));
        return ref;
    }

    void publish(ModelRef ref, Path folder) throws Exception {
        publish(ref, folder, Manifest.Details.NONE);
    }

    void publish(ModelRef ref, Path folder, Manifest.Details details) throws Exception {
        List<ArtifactFile> files = new ArrayList<>();
        for (String name : List.of("examples.json", "model.onnx")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                store.upload(file, Manifest.prefix(ref) + name);
                files.add(new ArtifactFile(name, Sha256.of(file), Files.size(file)));
            }
        }
        Manifest manifest = new Manifest(ref, files, files.size() == 2 ? "examples.json" : null, "flowers", details);
        store.put(Manifest.prefix(ref) + Manifest.FILE_NAME, manifest.toJson());
    }

    static ArtifactFile file(String path) {
        return new ArtifactFile(path, "0".repeat(64), 1);
    }

    ExitCode verify() throws Exception {
        return verify(IRIS);
    }

    ExitCode verify(ModelRef ref) throws Exception {
        return pipeline().verify(Optional.of(ref));
    }

    Pipeline pipeline() throws Exception {
        return new Pipeline(
                records,
                store,
                new ArtifactCache(store, cache, 1 << 24),
                LoadMarkers.open(cache),
                new Verdict.Run("execution", ""),
                "test",
                null,
                interruption);
    }

    /** The last one. */
    Verdict verdict() {
        return records.verdicts().get(records.verdicts().size() - 1);
    }
}
