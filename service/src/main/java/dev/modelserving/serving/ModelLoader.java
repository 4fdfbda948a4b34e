package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.ModelRef;
import dev.modelserving.oip.Example;
import dev.modelserving.oip.ExamplesReader;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.runtime.ModelLoadException;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a version into memory: its files from the store, the session, and a run of each of its examples, which warms it
 * up and shows that it answers here as it should. Safe for use by several threads.
 */
final class ModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    private final ArtifactCache cache;
    private final Clock clock;

    ModelLoader(ArtifactCache cache, Clock clock) {
        this.cache = cache;
        this.clock = clock;
    }

    /** A version cannot be served; the message is for the one who registered it. */
    static final class LoadFailure extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        LoadFailure(String message) {
            super(message);
        }

        LoadFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Loads the version. Blocks on the network, the disk and the processor.
     *
     * @param needed versions whose files must stay on disk
     * @param progress is told each phase as it begins
     */
    LoadedModel load(VersionRecord version, Predicate<ModelRef> needed, Consumer<ModelState.Phase> progress)
            throws LoadFailure {
        ModelRef ref = version.ref();
        long begin = System.nanoTime();
        if (version.defect().isPresent()) {
            throw new LoadFailure(
                    "its registry item is not valid: " + version.defect().get());
        }
        try {
            progress.accept(ModelState.Phase.DOWNLOADING);
            Path folder = cache.fetch(ref, version.artifactPrefix(), version.files(), needed);
            progress.accept(ModelState.Phase.LOADING);
            OrtModel model = OrtModel.load(folder.resolve(Manifest.MODEL_FILE_NAME));
            try {
                progress.accept(ModelState.Phase.WARMING);
                int examples = check(model, version, folder);
                LOG.info(
                        "loaded {} in {} ms, {} examples right",
                        ref,
                        (System.nanoTime() - begin) / 1_000_000,
                        examples);
                return new LoadedModel(ref, model, sizeOf(version), clock.instant());
            } catch (LoadFailure | RuntimeException e) {
                model.close();
                throw e;
            }
        } catch (ArtifactException | ModelLoadException e) {
            throw new LoadFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static int check(OrtModel model, VersionRecord version, Path folder) throws LoadFailure {
        if (version.examples().isEmpty()) {
            return 0;
        }
        String file = version.examples().get();
        try {
            var examples = ExamplesReader.read(Files.readAllBytes(folder.resolve(file)), model.signature());
            for (Example example : examples) {
                Optional<String> mismatch = example.mismatch(model.run(example.request(), new RunInterrupt()));
                if (mismatch.isPresent()) {
                    throw new LoadFailure(mismatch.get());
                }
            }
            return examples.size();
        } catch (InferenceException | IOException e) {
            throw new LoadFailure(file + ": " + e.getMessage(), e);
        }
    }

    private static long sizeOf(VersionRecord version) {
        return version.files().stream()
                .filter(file -> !file.path().equals(version.examples().orElse("")))
                .mapToLong(ArtifactFile::sizeBytes)
                .sum();
    }
}
