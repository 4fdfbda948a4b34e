package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.oip.OipRequest;
import dev.modelserving.oip.OipRequestReader;
import dev.modelserving.oip.OipResponseWriter;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.settings.Settings;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code POST /predict/{model_id}}: one prediction, in the JSON of the Open Inference Protocol. */
@Controller
final class PredictController {
    private final InferenceEngine engine;
    private final Settings settings;

    PredictController(InferenceEngine engine, Settings settings) {
        this.engine = engine;
        this.settings = settings;
    }

    /**
     * Nothing is done on the thread that reads the socket but to find the model: reading the body, running and writing
     * the answer happen in one go on the thread that the engine gives.
     */
    @Post(uri = "/predict/{modelId}", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
    CompletionStage<byte[]> predict(HttpRequest<byte[]> request, String modelId, @QueryValue @Nullable String version) {
        requireJson(request);
        byte[] document = request.getBody().orElse(new byte[0]);
        String requestId = RequestIds.of(request);
        return engine.predict(modelId(modelId), version(version), settings.requestTimeout(), model -> {
            OipRequest asked = OipRequestReader.read(document, model.signature());
            InferenceResponse response = model.run(asked.inference());
            return OipResponseWriter.write(model.ref(), asked.id().orElse(requestId), response);
        });
    }

    private static void requireJson(HttpRequest<?> request) {
        Optional<String> header = request.getHeaders().getFirst("Content-Type");
        if (header.isEmpty()) {
            return;
        }
        Optional<MediaType> type = request.getContentType();
        if (type.isEmpty() || !type.get().getName().equalsIgnoreCase(MediaType.APPLICATION_JSON)) {
            throw new InferenceException(
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type " + Excerpt.quoted(header.get()) + " (expected: application/json)");
        }
        String charset =
                type.get().getParameters().get("charset").map(Object::toString).orElse("utf-8");
        if (!charset.equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
            throw invalid("Content-Type", "charset", "utf-8", Excerpt.quoted(charset));
        }
    }

    private static ModelId modelId(String text) {
        try {
            return new ModelId(text);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Kind.NOT_FOUND, "there is no such model: " + e.getMessage());
        }
    }

    private static Optional<ModelVersion> version(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelVersion.parse(text));
        } catch (IllegalArgumentException e) {
            throw invalid("version", "is not a version:", "a whole number from 1", Excerpt.quoted(text));
        }
    }

    private static InferenceException invalid(String where, String problem, String expected, String actual) {
        return InferenceException.invalid(List.of(new Problem(where, problem, expected, actual)));
    }
}
