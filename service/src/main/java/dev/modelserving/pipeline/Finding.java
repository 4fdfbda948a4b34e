package dev.modelserving.pipeline;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.registry.Candidate;
import dev.modelserving.registry.Verdict.Measured;
import dev.modelserving.registry.VerdictCode;
import dev.modelserving.registry.VersionChange;
import dev.modelserving.registry.VersionRecord.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found, before it is known what becomes of it.
 *
 * @param found what a good version consists of; null of any other
 */
record Finding(VerdictCode code, String message, Measured measured, VersionChange.@Nullable Found found) {

    static Finding rejected(VerdictCode code, String message, Measured measured) {
        return new Finding(code, message, measured, null);
    }

    static Finding archived() {
        return rejected(VerdictCode.ARCHIVED, "this version is archived and cannot be served", Measured.NOTHING);
    }

    /** The same in the light of what the registry says now: another writer may have been there meanwhile. */
    Finding inTheLightOf(Candidate now) {
        if (now.status() == Status.ARCHIVED) {
            return archived();
        }
        boolean differs = found != null
                && now.files().isPresent()
                && !found.manifest().hasFiles(now.files().get());
        return differs ? filesDiffer() : this;
    }

    /** Nothing of a version that is not good. */
    Optional<BatchingVerdict> batching() {
        return found == null ? Optional.empty() : Optional.of(found.batching());
    }

    static Finding filesDiffer() {
        return rejected(
                VerdictCode.FILES_DIFFER,
                "the manifest names other files than those that are registered under this version; a version never"
                        + " changes, take the next number",
                Measured.NOTHING);
    }

    /**
     * What becomes of the version: a registered or rejected one gets what was found, everything else stays as it is.
     *
     * @return nothing where there is nothing to be changed
     */
    Optional<VersionChange> change(Candidate read) {
        boolean open = read.status() == Status.REGISTERED || read.status() == Status.REJECTED;
        if (!open || read.pointedTo()) {
            return Optional.empty();
        }
        if (found != null) {
            return Optional.of(new VersionChange(Status.VERIFIED, "", found));
        }
        String reason = code + ": " + message;
        return read.status() == Status.REJECTED && read.reason().equals(reason)
                ? Optional.empty()
                : Optional.of(new VersionChange(Status.REJECTED, reason, null));
    }
}
