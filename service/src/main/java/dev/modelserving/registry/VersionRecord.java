package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One registered version. Immutable in the registry but for its status, reason and rev.
 *
 * @param reason why it has this status; may be empty
 * @param artifactPrefix where its files lie in the artifacts bucket, with a slash at its end
 * @param examplesPath the file with examples, if there is one
 * @param defectReason what is wrong with the item itself, where it cannot be served for that; else null
 * @param largestBatch the most rows that may be joined, where the manifest says it; else null
 * @param batchingVerdict whether requests may be joined, as a verification found it; null where none has
 */
public record VersionRecord(
        ModelRef ref,
        Status status,
        String reason,
        String artifactPrefix,
        List<ArtifactFile> files,
        @Nullable String examplesPath,
        @Nullable String defectReason,
        @Nullable Integer largestBatch,
        @Nullable BatchingVerdict batchingVerdict,
        long rev)
        implements RegistryRecord {

    /** The life of a version: REGISTERED, then VERIFIED or REJECTED; ARCHIVED when it is kept but not to be served. */
    public enum Status {
        REGISTERED,
        VERIFIED,
        REJECTED,
        ARCHIVED
    }

    public VersionRecord {
        files = List.copyOf(files);
    }

    /** Without a word about joining. */
    public VersionRecord(
            ModelRef ref,
            Status status,
            String reason,
            String artifactPrefix,
            List<ArtifactFile> files,
            @Nullable String examplesPath,
            @Nullable String defectReason,
            long rev) {
        this(ref, status, reason, artifactPrefix, files, examplesPath, defectReason, null, null, rev);
    }

    @Override
    public ModelId id() {
        return ref.id();
    }

    @Override
    public String key() {
        return ref.id() + " VERSION " + ref.version();
    }

    public Optional<String> examples() {
        return Optional.ofNullable(examplesPath);
    }

    /** The most rows that may be joined, if anything else allows it. */
    public int maxBatchSize() {
        return largestBatch == null ? BatchingVerdict.DEFAULT_MAX_ROWS : largestBatch;
    }

    public Optional<BatchingVerdict> batching() {
        return Optional.ofNullable(batchingVerdict);
    }

    public Optional<String> defect() {
        return Optional.ofNullable(defectReason);
    }
}
