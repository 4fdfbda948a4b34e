package dev.modelserving.api.rest;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which a request is still being sent in two steps (RFC 9112, section 9.6): at once for what we
 * send, and for what comes only when the client has finished, or after a while. Closed at once, the answer to a body that
 * is too large would often be lost: the client's system throws it away when data arrives at a closed socket.
 *
 * <p>A body whose chunks are broken fails with INVALID_INPUT, and its connection ends with the answer.
 *
 * <p>One for each connection, on its event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private boolean receiving;
    private boolean broken;
    private @Nullable ChannelPromise closing;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest) {
            receiving = true;
        }
        if (message instanceof LastHttpContent) {
            receiving = false;
        }
        if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
            receiving = true; // the decoder does not know where it would end, and tells of nothing any more
            broken = true;
        }
        if (closing == null && broken && message instanceof HttpContent && !(message instanceof HttpRequest)) {
            ReferenceCountUtil.release(message);
            context.fireExceptionCaught(new InferenceException(
                    Kind.INVALID_INPUT,
                    new Problem("body", "is not well-formed:", "chunks (RFC 9112, section 7.1)", "something else")));
            return;
        }
        if (closing == null) {
            super.channelRead(context, message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (!receiving) {
            context.close(closing);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (closing == null) {
            super.channelReadComplete(context);
        } else {
            context.read();
        }
    }

    /** Nothing that follows a broken request can be told apart from it. */
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        boolean ends = broken && message instanceof LastHttpContent;
        super.write(context, message, ends ? promise.unvoid().addListener(ChannelFutureListener.CLOSE) : promise);
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
        if (closing != null) {
            PromiseNotifier.cascade(closing, promise);
            return;
        }
        if (!receiving || !context.channel().isActive()) {
            super.close(context, promise);
            return;
        }
        closing = promise;
        ((DuplexChannel) context.channel()).shutdownOutput();
        context.executor().schedule(() -> context.close(promise), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        context.read();
    }
}
