package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.verification.LoadMarkers;
import dev.modelserving.verification.VerificationException;
import dev.modelserving.verification.VerifiedModel;
import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
    private final LoadMarkers markers;
    private final Clock clock;

    /** Held by all loads together, and by the load of a suspect alone. */
    private final ReadWriteLock company = new ReentrantReadWriteLock();

    private final Set<String> postponed = ConcurrentHashMap.newKeySet();

    ModelLoader(ArtifactCache cache, LoadMarkers markers, Clock clock) {
        this.cache = cache;
        this.markers = markers;
        this.clock = clock;
    }

    /** A version cannot be served; the message is for the one who registered it. */
    static final class LoadFailure extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        private final boolean last;

        LoadFailure(String message) {
            this(message, false);
        }

        private LoadFailure(String message, boolean last) {
            super(message);
            this.last = last;
        }

        LoadFailure(String message, Throwable cause) {
            super(message, cause);
            this.last = false;
        }

        /** Whether it is not worth another try. */
        boolean isLast() {
            return last;
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
            VerifiedModel verified = load(
                    ref,
                    folder,
                    () -> VerifiedModel.load(folder, version.examples(), step -> progress.accept(phase(step))));
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

    private interface NativeLoad {
        VerifiedModel run() throws VerificationException;
    }

    /** Loads under a marker, unless an earlier process has died with this version. */
    private VerifiedModel load(ModelRef ref, Path folder, NativeLoad load) throws LoadFailure, VerificationException {
        String key = LoadMarkers.key(ref, folder);
        Optional<LoadMarkers.Verdict> verdict = markers.verdict(key);
        if (verdict.equals(Optional.of(LoadMarkers.Verdict.GUILTY))) {
            throw new LoadFailure(
                    "it crashed the process while it was loaded, and is not tried again on this machine. Mend the export"
                            + " and register it as a new version",
                    true);
        }
        if (verdict.isPresent() && postponed.add(key)) {
            throw new LoadFailure(
                    "the process ended while it was loaded, so perhaps it crashed the process; it is tried"
                            + " once more, alone");
        }
        Lock lock = verdict.isPresent() ? company.writeLock() : company.readLock();
        lock.lock();
        try {
            markers.begin(key);
            VerifiedModel model = load.run();
            if (verdict.isPresent()) {
                markers.acquit(key);
            }
            return model;
        } catch (IOException e) {
            throw new LoadFailure("the model cache cannot be written: " + e.getMessage(), e);
        } finally {
            markers.end(key);
            lock.unlock();
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
