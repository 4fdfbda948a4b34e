package dev.modelserving.api.rest;

import dev.modelserving.codec.InferBody;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.serving.Prediction;
import dev.modelserving.serving.QuickRuns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One plain prediction from its body to its answer, which is given to {@code sender} on the connection's event loop. */
final class PredictExchange implements Prediction {
    /** More is not read on the event loop: it would keep the other connections waiting. */
    private static final int SMALL_BYTES = 64 << 10;

    private final PredictExchanges exchanges;
    private final ChannelHandlerContext context;
    private final Dialect dialect;
    private final BiConsumer<PredictExchange, FullHttpResponse> sender;
    private final Optional<QuickRuns> quickRuns;
    private final boolean isLogged;
    private final long arrived = System.nanoTime();
    private final boolean keepAlive;
    private final String requestId;
    private final ReceivedBody body;
    private final PooledMemory memory;
    private @Nullable PredictRequest asked;
    private volatile boolean cancelled;

    /**
     * Takes over {@code body}.
     *
     * @param quickRuns of the event loop
     * @param isLogged whether it may go to the prediction log
     */
    PredictExchange(
            PredictExchanges exchanges,
            HttpRequest head,
            Dialect dialect,
            ByteBuf body,
            ChannelHandlerContext context,
            Optional<QuickRuns> quickRuns,
            boolean isLogged,
            BiConsumer<PredictExchange, FullHttpResponse> sender) {
        this.exchanges = exchanges;
        this.context = context;
        this.dialect = dialect;
        this.sender = sender;
        this.quickRuns = quickRuns;
        this.isLogged = isLogged;
        this.keepAlive = HttpUtil.isKeepAlive(head);
        this.requestId = RequestIds.of(head.headers().get(RequestIds.HEADER));
        this.body = new ReceivedBody(body);
        this.memory = new PooledMemory(context.alloc());
    }

    @Override
    public Optional<QuickRuns> quickRuns() {
        return body.length() <= SMALL_BYTES ? quickRuns : Optional.empty();
    }

    @Override
    public InferenceRequest read(ModelRef model, ModelSignature signature) {
        PredictRequest request = dialect.read(body, signature, memory);
        asked = request;
        return request.inference();
    }

    /** The connection is gone. */
    void cancel() {
        cancelled = true;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void answer(ModelRef model, InferenceResponse response) {
        try (PooledBody answer = new PooledBody(context.alloc())) {
            PredictRequest request = Objects.requireNonNull(asked);
            OptionalInt jsonLength = dialect.write(model, request, requestId, response, answer);
            if (isLogged) {
                exchanges.log(
                        model,
                        requestId,
                        Duration.ofNanos(System.nanoTime() - arrived),
                        () -> dialect.inJson(request, body),
                        () -> dialect.inJson(model, request, response, answer));
            }
            FullHttpResponse answered = exchanges.response(HttpResponseStatus.OK, answer.bytes(), requestId);
            if (jsonLength.isPresent()) {
                answered.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_OCTET_STREAM);
                answered.headers().setInt(InferBody.JSON_LENGTH, jsonLength.getAsInt());
            }
            send(answered.retain());
        }
    }

    @Override
    public void fail(Throwable why) {
        send(exchanges.failure(why, requestId));
    }

    /** Takes over the response. */
    private void send(FullHttpResponse response) {
        if (!keepAlive || exchanges.isDraining()) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (context.executor().inEventLoop()) {
            sender.accept(this, response);
            return;
        }
        try {
            context.executor().execute(() -> sender.accept(this, response));
        } catch (RejectedExecutionException e) {
            response.release(); // with the server, all connections are gone
        }
    }

    @Override
    public void close() {
        memory.close();
        body.bytes().release();
    }
}
