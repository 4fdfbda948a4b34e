package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelSignature;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a verification changes of a version.
 *
 * @param reason why it has this status; empty for VERIFIED
 * @param found what the verification fills in, of a version that was found good
 */
public record VersionChange(
        VersionRecord.Status status,
        String reason,
        @Nullable Found found) {

    /** What a good version consists of, what it takes and gives, and whether requests to it may be joined. */
    public record Found(Manifest manifest, ModelSignature signature, BatchingVerdict batching) {}

    public Optional<Found> filledIn() {
        return Optional.ofNullable(found);
    }
}
