package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.verification.VerificationException;
import dev.modelserving.verification.VerifiedModel;
import java.io.Serial;
import java.nio.file.Path;
import java.time.Clock;
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
        @Serial
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
            VerifiedModel verified =
                    VerifiedModel.load(folder, version.examples(), step -> progress.accept(phase(step)));
            LOG.info(
                    "loaded {} in {} ms, {} examples right",
                    ref,
                    (System.nanoTime() - begin) / 1_000_000,
                    verified.examples());
            return new LoadedModel(ref, verified.model(), sizeOf(version), clock.instant());
        } catch (ArtifactException | VerificationException e) {
            throw new LoadFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static ModelState.Phase phase(VerifiedModel.Step step) {
        return switch (step) {
            case LOADING -> ModelState.Phase.LOADING;
            case WARMING -> ModelState.Phase.WARMING;
        };
    }

    private static long sizeOf(VersionRecord version) {
        return version.files().stream()
                .filter(file -> !file.path().equals(version.examples().orElse("")))
                .mapToLong(ArtifactFile::sizeBytes)
                .sum();
    }
}
