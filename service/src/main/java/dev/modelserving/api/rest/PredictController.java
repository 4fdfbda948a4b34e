package dev.modelserving.api.rest;

import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.PredictResponseWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.Prediction;
import dev.modelserving.serving.QuickRuns;
import dev.modelserving.settings.Settings;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.body.CloseableAvailableByteBody;
import io.micronaut.http.netty.body.NettyByteBodyFactory;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code POST /predict/{model_id}}: one prediction, in any form of body that {@code codec} reads. */
@Controller
final class PredictController {
    private final InferenceEngine engine;
    private final PredictionLog log;
    private final Settings settings;

    PredictController(InferenceEngine engine, PredictionLog log, Settings settings) {
        this.engine = engine;
        this.log = log;
        this.settings = settings;
    }

    /**
     * Nothing is done on the thread that reads the socket but to look at the headers, gather the body and find the model:
     * reading the body, running, writing the answer and logging it happen in one go on the thread that the engine gives.
     */
    @Post(uri = "/predict/{modelId}", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
    CompletionStage<HttpResponse<byte[]>> predict(
            ServerHttpRequest<?> request, String modelId, @QueryValue @Nullable String version) {
        ModelId id = modelId(modelId);
        Optional<ModelVersion> wanted = version(version);
        BodyHeaders.requireJson(request);
        BodyEncoding encoding = BodyEncoding.of(request);
        BodyHeaders.requireAtMost(settings.requestMaxBytes(), request);
        String requestId = RequestIds.of(request);
        return request.byteBody()
                .move()
                .buffer()
                .thenCompose(body -> predict(id, wanted, requestId, encoding, body))
                .thenApply(answer -> HttpResponse.ok(answer).contentType(MediaType.APPLICATION_JSON_TYPE));
    }

    private CompletionStage<byte[]> predict(
            ModelId id,
            Optional<ModelVersion> version,
            String requestId,
            BodyEncoding encoding,
            CloseableAvailableByteBody body) {
        Answer answer = new Answer(requestId, encoding, body);
        engine.predict(id, version, settings.requestTimeout(), answer);
        return answer;
    }

    /** Read, run, written and logged in one go on a thread that may compute. */
    private final class Answer extends CompletableFuture<byte[]> implements Prediction {
        private final long arrived = System.nanoTime();
        private final String requestId;
        private final BodyEncoding encoding;
        private final ByteBuf body;
        private final PooledMemory memory;
        private @Nullable RequestBody document;
        private @Nullable PredictRequest asked;

        Answer(String requestId, BodyEncoding encoding, CloseableAvailableByteBody body) {
            this.requestId = requestId;
            this.encoding = encoding;
            this.body = NettyByteBodyFactory.toByteBuf(body);
            this.memory = new PooledMemory(this.body.alloc());
        }

        @Override
        public Optional<QuickRuns> quickRuns() {
            return Optional.empty();
        }

        @Override
        public InferenceRequest read(ModelRef model, ModelSignature signature) {
            RequestBody decoded = encoding.decode(new ReceivedBody(body), settings.requestMaxBytes());
            PredictRequest request = PredictRequestReader.read(decoded, signature, memory);
            document = decoded;
            asked = request;
            return request.inference();
        }

        @Override
        public void answer(ModelRef model, InferenceResponse response) {
            ResponseBody answer = ResponseBody.onHeap();
            PredictResponseWriter.write(model, Objects.requireNonNull(asked), requestId, response, answer);
            Duration duration = Duration.ofNanos(System.nanoTime() - arrived);
            log.record(model, requestId, duration, Objects.requireNonNull(document), answer);
            complete(answer.toArray());
        }

        @Override
        public void fail(Throwable why) {
            completeExceptionally(why);
        }

        @Override
        public void close() {
            memory.close();
            body.release();
        }
    }

    private static ModelId modelId(String text) {
        try {
            return new ModelId(text);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(
                    Kind.NOT_FOUND,
                    "there is no such model: " + e.getMessage(),
                    List.of(new Problem("model_id", "is not one:", ModelId.FORM, Excerpt.quoted(text))));
        }
    }

    private static Optional<ModelVersion> version(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelVersion.parse(text));
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
