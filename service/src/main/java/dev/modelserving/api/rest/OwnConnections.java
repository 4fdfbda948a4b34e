package dev.modelserving.api.rest;

import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that the service opens to itself: what comes over them is answered like anything else, and not logged.
 * Safe for use by several threads.
 */
@Singleton
public final class OwnConnections {
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

    /** @param port of this machine, which is bound to the other end of a connection until {@link #remove} */
    void add(int port) {
        ports.add(port);
    }

    void remove(int port) {
        ports.remove(port);
    }

    boolean contains(Channel connection) {
        return !ports.isEmpty()
                && connection.remoteAddress() instanceof InetSocketAddress peer
                && peer.getAddress().isLoopbackAddress()
                && ports.contains(peer.getPort());
    }
}
