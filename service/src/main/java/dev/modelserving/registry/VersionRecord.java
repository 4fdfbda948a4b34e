package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
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
 */
public record VersionRecord(
        ModelRef ref,
        Status status,
        String reason,
        String artifactPrefix,
        List<ArtifactFile> files,
        @Nullable String examplesPath,
        @Nullable String defectReason,
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

    public Optional<String> defect() {
        return Optional.ofNullable(defectReason);
    }
}
