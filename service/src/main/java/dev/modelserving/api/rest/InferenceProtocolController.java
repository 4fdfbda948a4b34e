package dev.modelserving.api.rest;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.Serving;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The Open Inference Protocol, version 2, over HTTP: <a
 * href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md">its
 * specification</a>, and Triton's extensions for binary tensors and model configuration.
 */
@Controller("/v2")
final class InferenceProtocolController {
    private static final String MODEL = "/models/{model}";
    private static final String VERSION = MODEL + "/versions/{version}";
    private final Serving serving;
    private final ModelCatalog catalog;
    private final ServedModels models;
    private final Predictions predictions;

    InferenceProtocolController(Serving serving, ModelCatalog catalog, ServedModels models, Predictions predictions) {
        this.serving = serving;
        this.catalog = catalog;
        this.models = models;
        this.predictions = predictions;
    }

    @Get
    ProtocolDocuments.Server server() {
        return ProtocolDocuments.Server.THIS;
    }

    @Get("/health/live")
    ProtocolDocuments.Live live() {
        return new ProtocolDocuments.Live(true);
    }

    @Get("/health/ready")
    HttpResponse<ProtocolDocuments.Ready> ready() {
        boolean isReady = serving.isReady();
        return HttpResponse.<ProtocolDocuments.Ready>status(isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .body(new ProtocolDocuments.Ready(true, isReady));
    }

    /** The names of the models that are served, as KServe lists them. */
    @Get("/models")
    Map<String, List<String>> models() {
        return Map.of(
                "models",
                catalog.served().stream().map(entry -> entry.id().value()).toList());
    }

    @Get(MODEL)
    ProtocolDocuments.Model model(String model) {
        return model(model, Optional.empty());
    }

    @Get(VERSION)
    ProtocolDocuments.Model model(String model, String version) {
        return model(model, Optional.of(version));
    }

    private ProtocolDocuments.Model model(String model, Optional<String> version) {
        return ProtocolDocuments.Model.of(model, models.versions(model), models.signature(model, version));
    }

    @Get(MODEL + "/config")
    ProtocolDocuments.Config config(String model) {
        return ProtocolDocuments.Config.of(model, models.configuration(model, Optional.empty()));
    }

    @Get(VERSION + "/config")
    ProtocolDocuments.Config config(String model, String version) {
        return ProtocolDocuments.Config.of(model, models.configuration(model, Optional.of(version)));
    }

    @Get(MODEL + "/ready")
    HttpResponse<ProtocolDocuments.ModelReady> modelReady(String model) {
        return ready(model, models.isReady(model, Optional.empty()));
    }

    @Get(VERSION + "/ready")
    HttpResponse<ProtocolDocuments.ModelReady> modelReady(String model, String version) {
        return ready(model, models.isReady(model, Optional.of(version)));
    }

    @Post(uri = MODEL + "/infer", consumes = MediaType.ALL, produces = MediaType.ALL)
    CompletionStage<HttpResponse<byte[]>> infer(ServerHttpRequest<?> request, String model) {
        return infer(request, model, Optional.empty());
    }

    @Post(uri = VERSION + "/infer", consumes = MediaType.ALL, produces = MediaType.ALL)
    CompletionStage<HttpResponse<byte[]>> infer(ServerHttpRequest<?> request, String model, String version) {
        return infer(request, model, Optional.of(PathNames.version(version)));
    }

    private CompletionStage<HttpResponse<byte[]>> infer(
            ServerHttpRequest<?> request, String model, Optional<ModelVersion> version) {
        ModelId id = PathNames.modelId(model);
        BodyHeaders.requireJsonOrOctets(request);
        return predictions.answer(request, id, version, new InferDialect(BodyHeaders.jsonLength(request)));
    }

    private static HttpResponse<ProtocolDocuments.ModelReady> ready(String model, boolean ready) {
        ProtocolDocuments.ModelReady answer = new ProtocolDocuments.ModelReady(model, ready);
        return ready
                ? HttpResponse.ok(answer)
                : HttpResponse.<ProtocolDocuments.ModelReady>status(HttpStatus.SERVICE_UNAVAILABLE)
                        .body(answer);
    }
}
