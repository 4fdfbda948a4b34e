package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A model with all its versions and aliases, as they were at one moment. */
public record RegisteredModel(
        ModelId id,
        String description,
        SortedMap<ModelVersion, VersionRecord> versions,
        SortedMap<String, AliasRecord> aliases) {
    public RegisteredModel {
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        aliases = Collections.unmodifiableSortedMap(new TreeMap<>(aliases));
    }

    public Optional<AliasRecord> champion() {
        return Optional.ofNullable(aliases.get(AliasRecord.CHAMPION));
    }

    public Optional<VersionRecord> version(ModelVersion version) {
        return Optional.ofNullable(versions.get(version));
    }

    static RegisteredModel of(ModelId id, Iterable<RegistryRecord> records) {
        String description = "";
        Map<ModelVersion, VersionRecord> versions = new TreeMap<>();
        Map<String, AliasRecord> aliases = new TreeMap<>();
        for (RegistryRecord record : records) {
            if (record instanceof ModelRecord model) {
                description = model.description();
            } else if (record instanceof VersionRecord version) {
                versions.put(version.ref().version(), version);
            } else if (record instanceof AliasRecord alias) {
                aliases.put(alias.alias(), alias);
            }
        }
        return new RegisteredModel(id, description, new TreeMap<>(versions), new TreeMap<>(aliases));
    }
}
