package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelId;
import dev.modelserving.serving.ModelCatalog;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.List;
import java.util.Optional;

/** {@code GET /models} and {@code GET /models/{model_id}}: what is served, and what is not and why. */
@Controller("/models")
final class ModelsController {
    private final ModelCatalog catalog;

    ModelsController(ModelCatalog catalog) {
        this.catalog = catalog;
    }

    @Get
    ModelDocument.Models all() {
        return new ModelDocument.Models(
                catalog.served().stream().map(ModelDocument::of).toList());
    }

    @Get("/{modelId}")
    ModelDocument one(String modelId) {
        return id(modelId)
                .flatMap(catalog::detail)
                .map(ModelDocument::of)
                .orElseThrow(() -> new InferenceException(
                        Kind.NOT_FOUND,
                        "there is no model " + Excerpt.quoted(modelId),
                        List.of(new Problem(
                                "model_id", "is not registered:", "a registered model", Excerpt.quoted(modelId)))));
    }

    private static Optional<ModelId> id(String text) {
        try {
            return Optional.of(new ModelId(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
