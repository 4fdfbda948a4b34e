package dev.modelserving.api.rest;

import dev.modelserving.model.ModelId;
import dev.modelserving.serving.ModelCatalog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs every request that is answered, also what is refused before any controller sees it. The server's own access log
 * knows text only, and takes a client's word for its address.
 *
 * <p>One for each connection, on its event loop.
 */
final class AccessLog extends ChannelDuplexHandler {
    /** Carries an error's code from who answers to here, and no further. */
    static final String CODE = "Error-Code";

    private static final Pattern PREDICTION =
            Pattern.compile("/predict/(" + ModelId.FORM + ")/?|/v[12]/models/(" + ModelId.FORM + ")([/:].*)?");

    private final ModelCatalog catalog;
    private final String client;
    private final boolean isLogged;

    /** In the order of their answers. */
    private final Queue<Exchange> unanswered = new ArrayDeque<>();

    /** A client asks for the same again and again. */
    private String lastTarget = "";

    /** Which {@link #lastTarget} names. */
    private @Nullable ModelId lastModel;

    /** @param isLogged false: lines are made, and thrown away */
    AccessLog(ModelCatalog catalog, Channel connection, boolean isLogged) {
        this.catalog = catalog;
        this.isLogged = isLogged;
        this.client = connection.remoteAddress() instanceof InetSocketAddress peer
                ? peer.getAddress().getHostAddress()
                : "-"; // gone already
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest request) {
            unanswered.add(new Exchange(request));
        }
        super.channelRead(context, message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        Exchange exchange = unanswered.peek();
        if (exchange == null || isInterim(message)) {
            super.write(context, message, promise);
            return;
        }
        if (message instanceof HttpResponse response) {
            exchange.begin(response);
        }
        if (message instanceof HttpContent content) {
            exchange.bytes += content.content().readableBytes();
        }
        if (message instanceof LastHttpContent) {
            unanswered.remove();
            super.write(context, message, promise.unvoid().addListener(sent -> log(context, line(exchange))));
        } else {
            super.write(context, message, promise);
        }
    }

    private void log(ChannelHandlerContext context, AccessLine line) {
        if (isLogged) {
            LoopTurn.ofThisThread().logAtEnd(context.executor(), line);
        }
    }

    /** 100 Continue: the answer is yet to come. */
    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private AccessLine line(Exchange exchange) {
        HttpRequest request = exchange.request;
        return new AccessLine(
                Instant.now(),
                client,
                request.method().name(),
                request.uri(),
                request.protocolVersion().text(),
                exchange.status,
                exchange.bytes,
                System.nanoTime() - exchange.begin,
                exchange.requestId,
                exchange.code,
                modelId(request.uri()),
                null);
    }

    private @Nullable String modelId(String target) {
        if (!target.equals(lastTarget)) {
            Matcher prediction = PREDICTION.matcher(AccessLine.path(target));
            lastModel = prediction.matches() ? new ModelId(prediction.group(prediction.start(1) < 0 ? 2 : 1)) : null;
            lastTarget = target;
        }
        ModelId model = lastModel;
        return model != null && catalog.knows(model) ? model.value() : null;
    }

    private static final class Exchange {
        private final long begin = System.nanoTime();
        private final HttpRequest request;
        private int status;
        private @Nullable String requestId;
        private @Nullable String code;
        private long bytes;

        Exchange(HttpRequest request) {
            this.request = request;
        }

        void begin(HttpResponse response) {
            status = response.status().code();
            requestId = response.headers().get(RequestIds.HEADER);
            code = response.headers().get(CODE);
            response.headers().remove(CODE);
        }
    }
}
