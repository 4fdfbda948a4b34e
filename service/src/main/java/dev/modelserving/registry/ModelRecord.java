package dev.modelserving.registry;

import dev.modelserving.model.ModelId;

/** What the registry knows of a model as a whole. */
public record ModelRecord(ModelId id, String description) implements RegistryRecord {
    @Override
    public String key() {
        return id + " META";
    }

    @Override
    public long rev() {
        return 0;
    }
}
