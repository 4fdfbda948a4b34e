package dev.modelserving.registry;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The whole registry as it was at one moment, by model id. Immutable. */
public record RegistrySnapshot(SortedMap<ModelId, RegisteredModel> models) {
    /** Before anything was read. */
    public static final RegistrySnapshot EMPTY = new RegistrySnapshot(Collections.emptySortedMap());

    public RegistrySnapshot {
        models = Collections.unmodifiableSortedMap(models);
    }

    static RegistrySnapshot of(Collection<RegistryRecord> records) {
        Map<ModelId, List<RegistryRecord>> byModel =
                records.stream().collect(Collectors.groupingBy(RegistryRecord::id));
        TreeMap<ModelId, RegisteredModel> models = new TreeMap<>();
        byModel.forEach((id, own) -> models.put(id, RegisteredModel.of(id, own)));
        return new RegistrySnapshot(models);
    }

    public Optional<RegisteredModel> model(ModelId id) {
        return Optional.ofNullable(models.get(id));
    }

    public Optional<VersionRecord> version(ModelRef ref) {
        return model(ref.id()).flatMap(model -> model.version(ref.version()));
    }
}
