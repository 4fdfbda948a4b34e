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
 * @param forms of outputs that are not wanted as they are
 */
public record PredictRequest(
        BodyForm form, long rows, @Nullable String sentId, InferenceRequest inference, OutputForms forms) {
    public Optional<String> id() {
        return Optional.ofNullable(sentId);
    }

    /** The same with all outputs in JSON. */
    public PredictRequest inJson() {
        return new PredictRequest(form, rows, sentId, inference, forms.inJson());
    }
}
