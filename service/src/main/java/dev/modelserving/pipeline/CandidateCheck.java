package dev.modelserving.pipeline;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.Excerpt;
import dev.modelserving.registry.Candidate;
import dev.modelserving.registry.Verdict.Measured;
import dev.modelserving.registry.VerdictCode;
import java.io.Serial;
import java.util.List;
import java.util.Optional;

/**
 * Whether a version is what its manifest says, and does what its examples say. Nothing of a model is written to disk
 * before its manifest was found right.
 */
final class CandidateCheck {
    private static final int LONGEST_MESSAGE = 1000;

    /** Examples are read into memory. */
    private static final long LARGEST_EXAMPLES_BYTES = 64 << 20;

    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final ModelCheck models;
    private final Interruption interruption;

    CandidateCheck(ArtifactStore store, ArtifactCache cache, ModelCheck models, Interruption interruption) {
        this.store = store;
        this.cache = cache;
        this.models = models;
        this.interruption = interruption;
    }

    /** The version is at fault. */
    static final class Rejection extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        private final VerdictCode code;
        private final transient Measured measured;

        Rejection(VerdictCode code, String message) {
            this(code, message, Measured.NOTHING);
        }

        Rejection(VerdictCode code, String message, Measured measured) {
            super(message);
            this.code = code;
            this.measured = measured;
        }

        private Finding finding() {
            return Finding.rejected(code, Excerpt.of(String.valueOf(getMessage()), LONGEST_MESSAGE), measured);
        }
    }

    /** Downloads the version, loads it and runs it. Blocks. */
    Finding check(Candidate candidate) throws StepFailure, InterruptedException {
        try {
            Manifest manifest = manifest(candidate);
            interruption.check();
            ArtifactCache.Fetched fetched = fetch(candidate, manifest);
            interruption.check();
            return models.check(
                    new Manifest(
                            manifest.ref(),
                            fetched.files(),
                            manifest.examplesPath(),
                            manifest.description(),
                            manifest.details()),
                    fetched.folder());
        } catch (Rejection e) {
            return e.finding();
        } catch (ArtifactException e) {
            throw StepFailure.of(e);
        }
    }

    private Manifest manifest(Candidate candidate) throws Rejection, ArtifactException {
        String key = candidate.artifactPrefix() + Manifest.FILE_NAME;
        Optional<byte[]> json = store.read(key, candidate.manifestVersionId(), Manifest.LONGEST_BYTES + 1);
        if (json.isEmpty()) {
            throw new Rejection(
                    VerdictCode.MANIFEST_MISSING,
                    key + " does not exist; a version is complete when its manifest is there, which is uploaded last");
        }
        if (json.get().length > Manifest.LONGEST_BYTES) {
            throw new Rejection(
                    VerdictCode.TOO_LARGE,
                    Manifest.FILE_NAME + " has more than " + Manifest.LONGEST_BYTES + " bytes, the most that is taken");
        }
        Manifest manifest = parsed(json.get());
        if (!manifest.ref().equals(candidate.ref())) {
            throw new Rejection(
                    VerdictCode.MANIFEST_INVALID,
                    Manifest.FILE_NAME + " is that of " + manifest.ref() + " (expected: " + candidate.ref() + ")");
        }
        if (candidate.files().isPresent()
                && !manifest.hasFiles(candidate.files().get())) {
            throw new Rejection(VerdictCode.FILES_DIFFER, Finding.filesDiffer().message());
        }
        requireSmallExamples(manifest);
        return manifest;
    }

    private static Manifest parsed(byte[] json) throws Rejection {
        try {
            return Manifest.fromJson(json);
        } catch (ArtifactException e) {
            throw new Rejection(VerdictCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
        }
    }

    private static void requireSmallExamples(Manifest manifest) throws Rejection {
        for (ArtifactFile file : manifest.files()) {
            if (file.path().equals(manifest.examplesPath()) && file.sizeBytes() > LARGEST_EXAMPLES_BYTES) {
                throw new Rejection(
                        VerdictCode.TOO_LARGE,
                        file.path() + " has " + file.sizeBytes() + " bytes (expected: at most " + LARGEST_EXAMPLES_BYTES
                                + ")");
            }
        }
    }

    private ArtifactCache.Fetched fetch(Candidate candidate, Manifest manifest) throws Rejection, ArtifactException {
        List<ArtifactFile> files = manifest.files().stream()
                .map(file -> registered(candidate, file))
                .toList();
        try {
            return cache.fetchAnew(candidate.ref(), candidate.artifactPrefix(), files);
        } catch (ArtifactException e) {
            VerdictCode code = switch (e.kind()) {
                case MISSING -> VerdictCode.FILE_MISSING;
                case WRONG -> VerdictCode.FILE_CORRUPT;
                case TOO_LARGE -> VerdictCode.TOO_LARGE;
                case UNAVAILABLE, MISCONFIGURED, DISK -> throw e;
            };
            throw new Rejection(code, String.valueOf(e.getMessage()));
        }
    }

    /** The registry may know which version of the object was verified before. */
    private static ArtifactFile registered(Candidate candidate, ArtifactFile file) {
        return candidate.files().stream()
                .flatMap(List::stream)
                .filter(file::isSameAs)
                .findFirst()
                .orElse(file);
    }
}
