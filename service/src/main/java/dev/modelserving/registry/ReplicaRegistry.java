package dev.modelserving.registry;

import java.time.Instant;
import java.util.List;

/** The replicas that serve, by their own reports. Safe for use by several threads; every method blocks on the network. */
public interface ReplicaRegistry {
    /** Puts the report in the place of the replica's last one. */
    void report(ReplicaReport report) throws RegistryException;

    /** Removes what the replica has reported. */
    void withdraw(String taskId) throws RegistryException;

    /** The reports that have not expired at {@code now}. */
    List<ReplicaReport> live(Instant now) throws RegistryException;
}
