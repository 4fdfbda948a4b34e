package dev.modelserving.api.rest;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.serving.ModelState;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/**
 * What Triton's <a
 * href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md">model
 * repository extension</a> tells. Its other half is refused: the registry says what is served, on every replica.
 */
@Singleton
public final class RepositoryIndex {
    private static final String READY = "READY";

    private final ServedModels models;

    RepositoryIndex(ServedModels models) {
        this.models = models;
    }

    /**
     * One version.
     *
     * @param state READY, LOADING or UNAVAILABLE
     */
    @Serdeable
    public record Entry(String name, String version, String state, String reason) {
        static Entry of(ServedModels.Version version) {
            String state =
                    version.state().map(ModelState::phase).map(Entry::named).orElse("UNAVAILABLE");
            String otherwise = version.state().isPresent() ? "" : "is not loaded here; " + version.status();
            return new Entry(
                    version.ref().id().value(),
                    version.ref().version().toString(),
                    state,
                    version.state().flatMap(ModelState::reason).orElse(otherwise));
        }

        private static String named(ModelState.Phase phase) {
            return switch (phase) {
                case READY -> READY;
                case DOWNLOADING, LOADING, WARMING -> "LOADING";
                case DECLARED, EVICTED, FAILED -> "UNAVAILABLE";
            };
        }
    }

    /** @param onlyReady whether only what is in memory is wanted */
    public List<Entry> entries(boolean onlyReady) {
        return models.find(Optional.empty(), Optional.empty()).stream()
                .map(Entry::of)
                .filter(entry -> !onlyReady || entry.state.equals(READY))
                .toList();
    }

    /** @param what was asked for: {@code load} or {@code unload} */
    public static InferenceException refusal(String what) {
        return new InferenceException(
                Kind.FORBIDDEN,
                what + " is not done by hand here: an alias in the registry says what is served, on every replica");
    }
}
