package dev.modelserving.api.rest;

import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.ModelRef;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.QuickRuns;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.http.HttpHeaders;
import io.micronaut.serde.ObjectMapper;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.EventExecutor;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** What the plain predictions of all connections have in common: the engine, the log, and how answers look. */
@Singleton
final class PredictExchanges {
    private final InferenceEngine engine;
    private final Serving serving;
    private final PredictionLog log;
    private final ErrorAnswers errors;
    private final ObjectMapper json;
    private final Settings settings;
    private final HttpDate date;
    private final LoopRuns runs;

    PredictExchanges(
            InferenceEngine engine,
            Serving serving,
            PredictionLog log,
            ErrorAnswers errors,
            ObjectMapper json,
            Settings settings,
            LoopRuns runs,
            Clock clock) {
        this.engine = engine;
        this.serving = serving;
        this.log = log;
        this.errors = errors;
        this.json = json;
        this.settings = settings;
        this.runs = runs;
        this.date = new HttpDate(clock);
    }

    Optional<PredictTarget> target(HttpRequest request) {
        return PredictTarget.of(request, settings.requestMaxBytes());
    }

    QuickRuns quickRuns(EventExecutor loop) {
        return runs.of(loop);
    }

    void predict(PredictTarget target, PredictExchange exchange) {
        engine.predict(target.model(), target.version(), settings.requestTimeout(), exchange);
    }

    boolean isDraining() {
        return serving.isDraining();
    }

    void log(
            ModelRef model,
            String requestId,
            Duration duration,
            Supplier<RequestBody> request,
            Supplier<ResponseBody> answer) {
        log.record(model, requestId, duration, request, answer);
    }

    /** The same as the framework makes of an answer of {@link ErrorAnswers}. */
    FullHttpResponse failure(Throwable why, String requestId) {
        ErrorAnswers.Failure failure = errors.failure(why, requestId);
        try {
            FullHttpResponse response = response(
                    HttpResponseStatus.valueOf(failure.code().status().getCode()),
                    Unpooled.wrappedBuffer(json.writeValueAsBytes(failure.answer())),
                    requestId);
            response.headers().set(AccessLog.CODE, failure.code().name());
            failure.retryAfter().ifPresent(seconds -> response.headers().set(HttpHeaders.RETRY_AFTER, seconds));
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FullHttpResponse response(HttpResponseStatus status, ByteBuf body, String requestId) {
        io.netty.handler.codec.http.HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.set(HttpHeaderNames.DATE, date.now());
        headers.set(RequestIds.HEADER, requestId);
        headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                status,
                body,
                headers,
                DefaultHttpHeadersFactory.trailersFactory().newEmptyHeaders());
    }
}
