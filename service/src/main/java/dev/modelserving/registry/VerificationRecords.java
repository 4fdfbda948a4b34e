package dev.modelserving.registry;

import dev.modelserving.model.ModelRef;
import java.util.List;
import java.util.Optional;

/**
 * What verifications read from the registry and write to it. Safe for use by several threads and processes; every method
 * blocks on the network.
 */
public interface VerificationRecords {
    /** The version that each model's champion points to, in order. */
    List<ModelRef> champions() throws RegistryException;

    /** The version as it is now; nothing when it is not registered. */
    Optional<Candidate> candidate(ModelRef ref) throws RegistryException;

    /** Writes the verdict alone. */
    void write(Verdict verdict) throws RegistryException;

    /**
     * Writes the verdict and changes its version, both or neither.
     *
     * @param read as the version was when the change was decided
     * @throws RegistryException OVERTAKEN when the version is not any more as it was read, or is being changed
     */
    void write(Verdict verdict, Candidate read, VersionChange change) throws RegistryException;
}
