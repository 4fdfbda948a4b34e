package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.model.ModelRef;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version as a verification finds it in the registry: its manifest may not have been read yet.
 *
 * @param reason why it has this status; may be empty
 * @param artifactPrefix where its files lie in the artifacts bucket, with a slash at its end
 * @param manifestVersionId which version of the manifest's object is meant, if that is known
 * @param registeredFiles its files, if they are known
 * @param pointedTo whether an alias points to it
 * @param rev orders two readings of it; 0 where the item has none
 */
public record Candidate(
        ModelRef ref,
        VersionRecord.Status status,
        String reason,
        String artifactPrefix,
        @Nullable String manifestVersionId,
        @Nullable List<ArtifactFile> registeredFiles,
        boolean pointedTo,
        long rev) {

    /** The same, with another manifest than the one that it was registered with. */
    public Candidate withManifest(String objectVersionId) {
        return new Candidate(ref, status, reason, artifactPrefix, objectVersionId, registeredFiles, pointedTo, rev);
    }

    public Optional<List<ArtifactFile>> files() {
        return Optional.ofNullable(registeredFiles);
    }
}
