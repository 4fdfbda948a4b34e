package dev.modelserving.serving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.runtime.NativeMemory;
import dev.modelserving.verification.LoadMarkers;
import dev.modelserving.verification.VerificationException;
import dev.modelserving.verification.VerifiedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a version into memory: its files from the store, the session, and a run of each of its examples, which warms it
 * up and shows that it answers here as it should. Safe for use by several threads: files are fetched side by side, while
 * native loads come one after the other, so that what each takes can be measured, and who crashed the process is known.
 */
final class ModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    /** What a session takes beside the weights, at least. */
    private static final long OVERHEAD = 128 << 10;

    private final ArtifactCache cache;
    private final LoadMarkers markers;
    private final ModelMemory memory;
    private final BatchingProver prover;
    private final int intraOpThreads;
    private final Supplier<OptionalLong> memoryInUse;
    private final Clock clock;
    private final RunWatch watch;
    private final WarmingUp warmingUp;
    private final ReentrantLock oneAtATime = new ReentrantLock(true);
    private final Set<String> postponed = ConcurrentHashMap.newKeySet();

    /**
     * @param intraOpThreads that compute a run, see {@link VerifiedModel#load}
     * @param memoryInUse of the process, as {@link NativeMemory#inUse} tells it
     * @param watch ends runs that take too long
     */
    ModelLoader(
            ArtifactCache cache,
            LoadMarkers markers,
            ModelMemory memory,
            BatchingProver prover,
            int intraOpThreads,
            Supplier<OptionalLong> memoryInUse,
            Clock clock,
            RunWatch watch,
            WarmingUp warmingUp) {
        this.cache = cache;
        this.markers = markers;
        this.memory = memory;
        this.prover = prover;
        this.intraOpThreads = intraOpThreads;
        this.memoryInUse = memoryInUse;
        this.clock = clock;
        this.watch = watch;
        this.warmingUp = warmingUp;
    }

    /**
     * Loads the version into its slot's budget. Blocks on the network, the disk and the processor.
     *
     * @param needed versions whose files must stay on disk
     */
    LoadedModel load(VersionRecord version, ModelSlot slot, Predicate<ModelRef> needed)
            throws LoadFailure, InterruptedException {
        ModelRef ref = version.ref();
        long begin = System.nanoTime();
        if (version.defect().isPresent()) {
            throw new LoadFailure(
                    LoadFailure.Retry.LATER,
                    "its registry item is not valid: " + version.defect().get());
        }
        long fileBytes = sizeOf(version);
        memory.requirePossible(whileLoading(fileBytes), "twice its files while it is loaded");
        slot.progress(ModelState.Phase.DOWNLOADING);
        Path folder = fetch(version, needed);
        oneAtATime.lockInterruptibly();
        try {
            long reserved = Math.max(whileLoading(fileBytes), memory.mostOf(slot.knownBytes()));
            memory.reserve(ref, reserved);
            LoadedModel model = loadReserved(version, slot, folder, reserved);
            LOG.info(
                    "loaded {} in {} ms, {} of memory",
                    ref,
                    (System.nanoTime() - begin) / 1_000_000,
                    MemoryBudget.written(model.memoryBytes()));
            return model;
        } finally {
            oneAtATime.unlock();
        }
    }

    private Path fetch(VersionRecord version, Predicate<ModelRef> needed) throws LoadFailure {
        try {
            return cache.fetch(version.ref(), version.artifactPrefix(), version.files(), needed);
        } catch (ArtifactException e) {
            LoadFailure.Retry retry = e.isFinal() ? LoadFailure.Retry.LATER : LoadFailure.Retry.SOON;
            throw new LoadFailure(retry, String.valueOf(e.getMessage()), e);
        }
    }

    private LoadedModel loadReserved(VersionRecord version, ModelSlot slot, Path folder, long reserved)
            throws LoadFailure {
        long taken = 0;
        try {
            NativeMemory.trim();
            OptionalLong before = memoryInUse.get();
            VerifiedModel verified = loadMarked(version, slot, folder);
            long measured = measured(before, memoryInUse.get());
            taken = Math.max(sizeOf(version) + OVERHEAD, slot.leastOf(measured));
            LoadedModel model =
                    new LoadedModel(version.ref(), verified.model(), taken, clock.instant(), this::freed, watch);
            prover.settle(model, slot, version, verified);
            warmingUp.offer(version.ref(), verified.requests());
            return model;
        } catch (VerificationException e) {
            throw new LoadFailure(LoadFailure.Retry.LATER, String.valueOf(e.getMessage()), e);
        } finally {
            if (taken == 0) {
                NativeMemory.trim();
            }
            memory.settle(reserved, taken);
        }
    }

    private void freed(LoadedModel model) {
        NativeMemory.trim();
        memory.free(model.memoryBytes());
    }

    /** Loads under a marker, unless an earlier process has died with this version. */
    private VerifiedModel loadMarked(VersionRecord version, ModelSlot slot, Path folder)
            throws LoadFailure, VerificationException {
        ModelRef ref = version.ref();
        String key = LoadMarkers.key(ref, folder);
        Optional<LoadMarkers.Verdict> verdict = markers.verdict(key);
        if (verdict.equals(Optional.of(LoadMarkers.Verdict.GUILTY))) {
            throw new LoadFailure(
                    LoadFailure.Retry.NEVER,
                    "it crashed the process while it was loaded, and is not tried again on this machine. Mend the export"
                            + " and register it as a new version");
        }
        if (verdict.isPresent() && postponed.add(key)) {
            throw new LoadFailure(
                    LoadFailure.Retry.LATER,
                    "the process ended while it was loaded, so perhaps it crashed the process; it is tried"
                            + " once more, after the others");
        }
        try {
            markers.begin(key);
            VerifiedModel model =
                    VerifiedModel.load(folder, version.examples(), intraOpThreads, step -> slot.progress(phase(step)));
            if (verdict.isPresent()) {
                markers.acquit(key);
            }
            return model;
        } catch (IOException e) {
            throw new LoadFailure(LoadFailure.Retry.SOON, "the model cache cannot be written: " + e.getMessage(), e);
        } finally {
            markers.end(key);
        }
    }

    private static ModelState.Phase phase(VerifiedModel.Step step) {
        return switch (step) {
            case LOADING -> ModelState.Phase.LOADING;
            case WARMING -> ModelState.Phase.WARMING;
        };
    }

    /** The file's weights are there twice for a moment: as they were read, and as the session keeps them. */
    private static long whileLoading(long fileBytes) {
        return 2 * fileBytes + OVERHEAD;
    }

    private static long measured(OptionalLong before, OptionalLong after) {
        return before.isPresent() && after.isPresent() ? after.getAsLong() - before.getAsLong() : 0;
    }

    /** Of all files but the examples. */
    private static long sizeOf(VersionRecord version) {
        return version.files().stream()
                .filter(file -> !file.path().equals(version.examples().orElse("")))
                .mapToLong(ArtifactFile::sizeBytes)
                .sum();
    }
}
