package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Versions and aliases of models. Safe for use by several threads; every method blocks on the network. */
public interface ModelRegistry {
    /** What a reading found, and the latest time at which any of it was changed, by the writers' clocks. */
    record Reading(List<RegistryRecord> records, Instant latestChange) {
        public Reading {
            records = List.copyOf(records);
        }
    }

    /**
     * Every model and version that was changed at {@code since} or later, and every alias, so that one that was deleted is
     * missed; it may not have what was written within the last seconds yet.
     */
    Reading changedSince(Instant since) throws RegistryException;

    /** Reads the alias as it is now: nothing that was written before this call is missed. */
    Optional<AliasRecord> alias(ModelId id, String alias) throws RegistryException;

    /**
     * Adds a version with status REGISTERED, and its model where that is new. Says false, and changes nothing, when the
     * version is registered already.
     */
    boolean register(Manifest manifest) throws RegistryException;

    /**
     * Records that the version was checked and found good: status VERIFIED and what it takes and gives.
     *
     * @param batching whether requests to it may be joined; null where that is not known
     * @throws RegistryException that is final when the version is not there, or is ARCHIVED
     */
    void recordVerified(Manifest manifest, ModelSignature signature, @Nullable BatchingVerdict batching)
            throws RegistryException;

    /**
     * Points the alias to another version, and writes who did it. Conflicts with other writers are tried again; being
     * overtaken by one is not.
     *
     * @throws RegistryException that is final when the version is not VERIFIED or the alias was moved meanwhile
     */
    void moveAlias(ModelId id, String alias, ModelVersion version, String who) throws RegistryException;
}
