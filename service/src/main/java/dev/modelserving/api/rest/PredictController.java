package dev.modelserving.api.rest;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code POST /predict/{model_id}}: one prediction, in any form of body that {@code codec} reads. */
@Controller
final class PredictController {
    private final Predictions predictions;

    PredictController(Predictions predictions) {
        this.predictions = predictions;
    }

    @Post(uri = "/predict/{modelId}", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
    CompletionStage<HttpResponse<byte[]>> predict(
            ServerHttpRequest<?> request, String modelId, @QueryValue @Nullable String version) {
        ModelId id = PathNames.modelId(modelId);
        Optional<ModelVersion> wanted = Optional.ofNullable(version).map(PathNames::version);
        BodyHeaders.requireJson(request);
        return predictions.answer(request, id, wanted, Dialect.PREDICT);
    }
}
