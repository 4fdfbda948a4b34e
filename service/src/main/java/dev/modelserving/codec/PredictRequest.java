package dev.modelserving.codec;

import dev.modelserving.model.InferenceRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a body asks for.
 *
 * @param form the form of the body, which the answer takes too
 * @param rows how many rows came, in the form that has rows; else 0
 * @param sentId what the caller calls the request, if anything
 */
public record PredictRequest(
        BodyForm form, long rows, @Nullable String sentId, InferenceRequest inference) {
    public Optional<String> id() {
        return Optional.ofNullable(sentId);
    }
}
