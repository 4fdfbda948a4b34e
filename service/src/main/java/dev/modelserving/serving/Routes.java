package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import java.util.Map;
import java.util.Optional;

/** Which loaded version answers for a model when a request names none. Immutable; swapped whole. */
record Routes(Map<ModelId, LoadedModel> champions) {
    static final Routes NONE = new Routes(Map.of());

    Routes {
        champions = Map.copyOf(champions);
    }

    Optional<LoadedModel> champion(ModelId id) {
        return Optional.ofNullable(champions.get(id));
    }
}
