package dev.modelserving.api.grpc;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;

/** The threads that read and write sockets, which both protocols share. */
final class EventLoops {
    private EventLoops() {}

    /** The one whose thread this is, if it is one. There are few. */
    static Optional<EventExecutor> current(EventLoopGroup loops) {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return Optional.of(loop);
            }
        }
        return Optional.empty();
    }
}
