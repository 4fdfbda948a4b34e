package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import java.util.Map;
import java.util.Optional;

/** Which version answers for a model when a request names none. Immutable; swapped whole. */
record Routes(Map<ModelId, ModelSlot> champions) {
    static final Routes NONE = new Routes(Map.of());

    Routes {
        champions = Map.copyOf(champions);
    }

    Optional<ModelSlot> champion(ModelId id) {
        return Optional.ofNullable(champions.get(id));
    }
}
