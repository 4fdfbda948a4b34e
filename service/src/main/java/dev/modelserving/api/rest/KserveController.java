package dev.modelserving.api.rest;

import dev.modelserving.serving.ModelCatalog;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The <a href="https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol">first version of
 * KServe's protocol</a>: predictions as under {@code /predict}, in rows or columns.
 */
@Controller
final class KserveController {
    private final ModelCatalog catalog;
    private final ServedModels models;
    private final Predictions predictions;

    KserveController(ModelCatalog catalog, ServedModels models, Predictions predictions) {
        this.catalog = catalog;
        this.models = models;
        this.predictions = predictions;
    }

    @Serdeable
    record Alive(String status) {}

    /** Whether anybody is there. */
    @Get
    Alive alive() {
        return new Alive("alive");
    }

    @Get("/v1/models")
    Map<String, List<String>> models() {
        return Map.of(
                "models",
                catalog.served().stream().map(entry -> entry.id().value()).toList());
    }

    @Get("/v1/models/{model}")
    HttpResponse<ProtocolDocuments.ModelReady> model(String model) {
        boolean isReady = models.isReady(model, Optional.empty());
        return HttpResponse.<ProtocolDocuments.ModelReady>status(
                        isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .body(new ProtocolDocuments.ModelReady(model, isReady));
    }

    @Post(uri = "/v1/models/{model}:predict", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
    CompletionStage<HttpResponse<byte[]>> predict(ServerHttpRequest<?> request, String model) {
        BodyHeaders.requireJson(request);
        return predictions.answer(request, PathNames.modelId(model), Optional.empty(), Dialect.PREDICT);
    }
}
