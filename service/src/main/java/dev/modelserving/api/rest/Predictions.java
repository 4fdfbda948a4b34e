package dev.modelserving.api.rest;

import dev.modelserving.codec.InferBody;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
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
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.body.CloseableAvailableByteBody;
import io.micronaut.http.netty.body.NettyByteBodyFactory;
import io.netty.buffer.ByteBuf;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Predictions that come through controllers: those that {@link PredictTarget} does not take for plain. */
@Singleton
final class Predictions {
    private final InferenceEngine engine;
    private final PredictionLog log;
    private final Settings settings;

    Predictions(InferenceEngine engine, PredictionLog log, Settings settings) {
        this.engine = engine;
        this.log = log;
        this.settings = settings;
    }

    /**
     * Nothing is done on the thread that reads the socket but to look at the headers, gather the body and find the model:
     * reading the body, running, writing the answer and logging it happen in one go on the thread that the engine gives.
     */
    CompletionStage<HttpResponse<byte[]>> answer(
            ServerHttpRequest<?> request, ModelId model, Optional<ModelVersion> version, Dialect dialect) {
        BodyEncoding encoding = BodyEncoding.of(request);
        BodyHeaders.requireAtMost(settings.requestMaxBytes(), request);
        String requestId = RequestIds.of(request);
        return request.byteBody().move().buffer().thenCompose(body -> {
            Answer answer = new Answer(requestId, dialect, encoding, body);
            engine.predict(model, version, settings.requestTimeout(), answer);
            return answer;
        });
    }

    /** Read, run, written and logged in one go on a thread that may compute. */
    private final class Answer extends CompletableFuture<HttpResponse<byte[]>> implements Prediction {
        private final long arrived = System.nanoTime();
        private final String requestId;
        private final Dialect dialect;
        private final BodyEncoding encoding;
        private final ByteBuf body;
        private final PooledMemory memory;
        private @Nullable RequestBody document;
        private @Nullable PredictRequest asked;

        Answer(String requestId, Dialect dialect, BodyEncoding encoding, CloseableAvailableByteBody body) {
            this.requestId = requestId;
            this.dialect = dialect;
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
            PredictRequest request = dialect.read(decoded, signature, memory);
            document = decoded;
            asked = request;
            return request.inference();
        }

        @Override
        public void answer(ModelRef model, InferenceResponse response) {
            PredictRequest request = Objects.requireNonNull(asked);
            RequestBody sent = Objects.requireNonNull(document);
            ResponseBody answer = ResponseBody.onHeap();
            OptionalInt jsonLength = dialect.write(model, request, requestId, response, answer);
            Duration duration = Duration.ofNanos(System.nanoTime() - arrived);
            log.record(
                    model,
                    requestId,
                    duration,
                    () -> dialect.inJson(request, sent),
                    () -> dialect.inJson(model, request, response, answer));
            MutableHttpResponse<byte[]> answered =
                    HttpResponse.ok(answer.toArray()).contentType(MediaType.APPLICATION_JSON_TYPE);
            jsonLength.ifPresent(length -> answered.contentType(MediaType.APPLICATION_OCTET_STREAM_TYPE)
                    .header(InferBody.JSON_LENGTH, Integer.toString(length)));
            complete(answered);
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
}
