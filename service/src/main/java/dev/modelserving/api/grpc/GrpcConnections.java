package dev.modelserving.api.grpc;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open connections, so that their clients can be told to go elsewhere while new ones are still accepted: the server
 * itself does both at once. Stands before the server's own handler of new connections.
 */
@ChannelHandler.Sharable
final class GrpcConnections extends ChannelInboundHandlerAdapter {
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Set<Channel> told = ConcurrentHashMap.newKeySet();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof Channel accepted) {
            open.add(accepted);
            accepted.closeFuture().addListener(closed -> told.remove(accepted));
        }
        super.channelRead(context, message);
    }

    /**
     * Tells every client that was not told yet, by a GOAWAY (RFC 9113, 6.8), to take another connection for its next call.
     * The last stream that it names is the highest there can be: what is under way, and what the client has sent before
     * it read this, is answered.
     */
    void sendAway() {
        open.forEach(connection -> connection.eventLoop().execute(() -> sendAway(connection)));
    }

    private void sendAway(Channel connection) {
        ChannelHandlerContext http2 = connection.pipeline().context(Http2ConnectionHandler.class);
        if (http2 != null && connection.isActive() && told.add(connection)) {
            ((Http2ConnectionHandler) http2.handler())
                    .goAway(
                            http2,
                            Integer.MAX_VALUE,
                            Http2Error.NO_ERROR.code(),
                            Unpooled.EMPTY_BUFFER,
                            http2.newPromise());
            http2.flush();
        }
    }
}
