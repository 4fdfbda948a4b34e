package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A name that points to one version and can be moved to another.
 *
 * @param priorVersion where it pointed before it was last moved, if it was
 */
public record AliasRecord(
        ModelId id,
        String alias,
        ModelVersion version,
        @Nullable ModelVersion priorVersion,
        long rev) implements RegistryRecord {
    /** The alias whose version answers requests that name none. */
    public static final String CHAMPION = "champion";

    @Override
    public String key() {
        return key(id, alias);
    }

    static String key(ModelId id, String alias) {
        return id + " ALIAS " + alias;
    }

    public Optional<ModelVersion> previousVersion() {
        return Optional.ofNullable(priorVersion);
    }
}
