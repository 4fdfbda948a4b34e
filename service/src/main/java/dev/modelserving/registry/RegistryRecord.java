package dev.modelserving.registry;

import dev.modelserving.model.ModelId;

/** One item of the registry. */
public sealed interface RegistryRecord permits ModelRecord, VersionRecord, AliasRecord {
    ModelId id();

    /** Tells the items of a registry apart. */
    String key();

    /** Grows with each change of the item; orders two readings of it. 0 where the item has none. */
    long rev();
}
