package dev.modelserving.api.rest;

import dev.modelserving.serving.ModelCatalog;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;

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
        return ModelDocument.of(PathNames.registered(catalog, modelId));
    }
}
