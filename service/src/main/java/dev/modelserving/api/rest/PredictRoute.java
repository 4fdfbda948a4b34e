package dev.modelserving.api.rest;

import dev.modelserving.serving.QuickRuns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The short way of a plain prediction ({@link PredictTarget}), from the connection to the engine without the framework's
 * routing, which costs as much as a small model. Everything else is passed on. Answers leave in the order of their
 * requests: what comes behind a prediction waits for its answer, and a prediction behind what was passed on is passed on
 * too.
 *
 * <p>One for each connection, on its event loop.
 */
final class PredictRoute extends ChannelDuplexHandler {
    private final PredictExchanges exchanges;
    private final boolean isLogged;
    private Optional<QuickRuns> quickRuns = Optional.empty();

    /** What came behind the prediction that is being answered. */
    private final Queue<Object> held = new ArrayDeque<>();

    private int passedOn;
    private boolean readHeld;
    private @Nullable Gathering gathering;
    private @Nullable PredictExchange exchange;
    private @Nullable ChannelPromise closing;

    /** @param isLogged whether predictions may go to the prediction log */
    PredictRoute(PredictExchanges exchanges, boolean isLogged) {
        this.exchanges = exchanges;
        this.isLogged = isLogged;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        quickRuns = Optional.of(exchanges.quickRuns(context.executor()));
    }

    /** A prediction whose body is not complete yet. */
    private record Gathering(HttpRequest head, PredictTarget target, CompositeByteBuf body) {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (exchange != null) {
            held.add(message);
        } else if (gathering != null && message instanceof HttpContent content) {
            gather(context, gathering, content);
        } else if (message instanceof HttpRequest request && !begins(context, request)) {
            passedOn++;
            super.channelRead(context, message);
        } else if (!(message instanceof HttpRequest)) {
            super.channelRead(context, message);
        }
    }

    private boolean begins(ChannelHandlerContext context, HttpRequest request) {
        if (passedOn > 0) {
            return false;
        }
        Optional<PredictTarget> target = exchanges.target(request);
        target.ifPresent(plain ->
                gathering = new Gathering(request, plain, context.alloc().compositeBuffer(Integer.MAX_VALUE)));
        return target.isPresent();
    }

    private void gather(ChannelHandlerContext context, Gathering gathered, HttpContent content) throws Exception {
        if (content.decoderResult().isFailure()) {
            passOn(context, gathered, content);
            return;
        }
        if (content.content().isReadable()) {
            gathered.body.addComponent(true, content.content());
        } else {
            content.release();
        }
        if (content instanceof LastHttpContent) {
            gathering = null;
            ByteBuf body = gathered.body.numComponents() == 1 ? onlyComponent(gathered.body) : gathered.body;
            PredictExchange begun = new PredictExchange(
                    exchanges,
                    gathered.head,
                    gathered.target.dialect(),
                    body,
                    context,
                    quickRuns,
                    isLogged,
                    (answered, answer) -> answer(context, answered, answer));
            exchange = begun;
            exchanges.predict(gathered.target, begun);
        }
    }

    /** Without the composite around it, which each access would go through. */
    private static ByteBuf onlyComponent(CompositeByteBuf body) {
        ByteBuf only = body.component(0).retain();
        body.release();
        return only;
    }

    /** What turned out not to be plain. */
    private void passOn(ChannelHandlerContext context, Gathering gathered, HttpContent content) throws Exception {
        gathering = null;
        passedOn++;
        super.channelRead(context, gathered.head);
        super.channelRead(context, content.replace(gathered.body.addComponent(true, content.content())));
    }

    private void answer(ChannelHandlerContext context, PredictExchange answered, FullHttpResponse answer) {
        if (exchange != answered) {
            answer.release(); // the connection is gone
            return;
        }
        exchange = null;
        boolean ends = closing != null || !HttpUtil.isKeepAlive(answer);
        if (ends) {
            context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
            release();
        } else {
            context.write(answer, context.voidPromise());
            LoopTurn.ofThisThread().flushAtEnd(context);
        }
        if (!held.isEmpty()) {
            readHeldMessages(context);
        }
        if (readHeld && exchange == null) {
            readHeld = false;
            context.read();
        }
        if (closing != null && exchange == null) {
            context.close(closing);
        }
    }

    private void readHeldMessages(ChannelHandlerContext context) {
        try {
            while (exchange == null && !held.isEmpty()) {
                channelRead(context, held.remove());
            }
            context.fireChannelReadComplete();
        } catch (Exception e) {
            context.fireExceptionCaught(e);
        }
    }

    /** While a prediction is answered, no more is read than shows that the client is still there. */
    @Override
    public void read(ChannelHandlerContext context) throws Exception {
        if (held.isEmpty()) {
            super.read(context);
        } else {
            readHeld = true;
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        boolean interim = message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && !interim) {
            passedOn--;
        }
        super.write(context, message, promise);
    }

    /** The framework, which sees no request here, may close what it takes for idle; not before the answer. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
        if (exchange == null || !context.channel().isActive()) {
            super.close(context, promise);
        } else if (closing == null) {
            closing = promise;
        } else {
            PromiseNotifier.cascade(closing, promise);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        release();
        super.channelInactive(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        release();
    }

    private void release() {
        if (exchange != null) {
            exchange.cancel();
            exchange = null;
        }
        if (gathering != null) {
            gathering.body.release();
            gathering = null;
        }
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }
}
