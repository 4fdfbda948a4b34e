package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.VersionRecord;
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
    private static final ProtocolDocuments.Server SERVER = new ProtocolDocuments.Server(
            "model-serving", ServiceVersion.VALUE, List.of("binary_tensor_data", "model_configuration"));

    private final Serving serving;
    private final ModelCatalog catalog;
    private final Predictions predictions;

    InferenceProtocolController(Serving serving, ModelCatalog catalog, Predictions predictions) {
        this.serving = serving;
        this.catalog = catalog;
        this.predictions = predictions;
    }

    @Get
    ProtocolDocuments.Server server() {
        return SERVER;
    }

    @Get("/health/live")
    ProtocolDocuments.Live live() {
        return new ProtocolDocuments.Live(true);
    }

    /** The specification's name for this field is {@code live} too. */
    @Get("/health/ready")
    HttpResponse<ProtocolDocuments.Live> ready() {
        return serving.isReady()
                ? HttpResponse.ok(new ProtocolDocuments.Live(true))
                : HttpResponse.<ProtocolDocuments.Live>status(HttpStatus.SERVICE_UNAVAILABLE)
                        .body(new ProtocolDocuments.Live(true));
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
        ModelCatalog.Detail detail = detail(model);
        return ProtocolDocuments.Model.of(model, versions(detail), signature(detail));
    }

    @Get(VERSION)
    ProtocolDocuments.Model model(String model, String version) {
        ModelCatalog.Detail detail = detail(model);
        return ProtocolDocuments.Model.of(model, versions(detail), signature(detail, version));
    }

    @Get(MODEL + "/config")
    ProtocolDocuments.Config config(String model) {
        return ProtocolDocuments.Config.of(model, signature(detail(model)));
    }

    @Get(VERSION + "/config")
    ProtocolDocuments.Config config(String model, String version) {
        return ProtocolDocuments.Config.of(model, signature(detail(model), version));
    }

    @Get(MODEL + "/ready")
    HttpResponse<ProtocolDocuments.ModelReady> modelReady(String model) {
        ModelCatalog.Detail detail = detail(model);
        return ready(model, serving.isReady() && catalog.answers(detail.entry().id()));
    }

    @Get(VERSION + "/ready")
    HttpResponse<ProtocolDocuments.ModelReady> modelReady(String model, String version) {
        ModelCatalog.Version known = version(detail(model), version);
        return ready(model, serving.isReady() && catalog.answers(known));
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

    private ModelCatalog.Detail detail(String model) {
        return PathNames.registered(catalog, model);
    }

    /** Those that may be asked for. */
    private static List<String> versions(ModelCatalog.Detail detail) {
        return detail.versions().stream()
                .map(ModelCatalog.Version::record)
                .filter(record -> record.status() == VersionRecord.Status.VERIFIED)
                .map(record -> record.ref().version().toString())
                .toList();
    }

    private static ModelSignature signature(ModelCatalog.Detail detail) {
        ModelCatalog.Entry entry = detail.entry();
        return entry.signature().orElseThrow(() -> notLoaded(entry.id().value()));
    }

    private static ModelSignature signature(ModelCatalog.Detail detail, String version) {
        return version(detail, version)
                .signature()
                .orElseThrow(() -> notLoaded(detail.entry().id() + " version " + version));
    }

    private static InferenceException notLoaded(String what) {
        return new InferenceException(
                Kind.NOT_READY, what + " has not been loaded here yet: what it takes is known then", List.of());
    }

    private static ModelCatalog.Version version(ModelCatalog.Detail detail, String version) {
        ModelVersion wanted = PathNames.version(version);
        return detail.versions().stream()
                .filter(known -> known.record().ref().version().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new InferenceException(
                        Kind.NOT_FOUND,
                        new Problem(
                                "version",
                                "is not registered:",
                                "one of " + versions(detail),
                                Excerpt.quoted(version))));
    }
}
