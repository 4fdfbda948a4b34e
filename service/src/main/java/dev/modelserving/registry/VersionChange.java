package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
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

    /** What a good version consists of, and what it takes and gives. */
    public record Found(Manifest manifest, ModelSignature signature) {}

    public Optional<Found> filledIn() {
        return Optional.ofNullable(found);
    }
}
