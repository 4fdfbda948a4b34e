package dev.modelserving.oip;

import dev.modelserving.model.InferenceRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An inference request object of the protocol.
 *
 * @param sentId what the caller calls the request, if anything
 */
public record OipRequest(@Nullable String sentId, InferenceRequest inference) {
    public Optional<String> id() {
        return Optional.ofNullable(sentId);
    }
}
