package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.serving.ModelCatalog;
import java.util.List;
import java.util.Optional;

/** Models and versions as paths and queries name them. */
public final class PathNames {
    private PathNames() {}

    /** @throws InferenceException NOT_FOUND when no model can have that name */
    public static ModelId modelId(String text) {
        try {
            return new ModelId(text);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(
                    Kind.NOT_FOUND,
                    "there is no such model: " + e.getMessage(),
                    List.of(new Problem("model_id", "is not one:", ModelId.FORM, Excerpt.quoted(text))));
        }
    }

    /** @throws InferenceException NOT_FOUND when no registered model has that name */
    static ModelCatalog.Detail registered(ModelCatalog catalog, String text) {
        return known(text)
                .flatMap(catalog::detail)
                .orElseThrow(() -> new InferenceException(
                        Kind.NOT_FOUND,
                        "there is no model " + Excerpt.quoted(text),
                        List.of(new Problem(
                                "model_id", "is not registered:", "a registered model", Excerpt.quoted(text)))));
    }

    private static Optional<ModelId> known(String text) {
        try {
            return Optional.of(new ModelId(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** @throws InferenceException INVALID_INPUT when it is no version */
    public static ModelVersion version(String text) {
        try {
            return ModelVersion.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(
                    Kind.INVALID_INPUT,
                    new Problem(
                            "version",
                            "is not a version:",
                            "a whole number from 1 to 9999999999",
                            Excerpt.quoted(text)));
        }
    }
}
