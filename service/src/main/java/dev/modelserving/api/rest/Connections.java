package dev.modelserving.api.rest;

import dev.modelserving.serving.ModelCatalog;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The listening sockets and the open connections, so that the service can leave without cutting anybody off. */
@Singleton
public final class Connections implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    private final Provider<ModelCatalog> catalog;

    private final Provider<PredictExchanges> exchanges;

    private final OwnConnections own;

    /** What it is made with is asked for when a client connects: this is made before anything else. */
    Connections(Provider<ModelCatalog> catalog, Provider<PredictExchanges> exchanges, OwnConnections own) {
        this.catalog = catalog;
        this.exchanges = exchanges;
        this.own = own;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new NettyServerCustomizer() {
            @Override
            public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
                if (role == ChannelRole.LISTENER) {
                    listeners.add(channel);
                } else if (role == ChannelRole.CONNECTION) {
                    open.add(channel);
                    return new Connection(channel, catalog.get(), exchanges.get(), !own.contains(channel));
                }
                return this;
            }
        });
        return event.getBean();
    }

    private record Connection(Channel channel, ModelCatalog catalog, PredictExchanges exchanges, boolean isLogged)
            implements NettyServerCustomizer {
        @Override
        public void onStreamPipelineBuilt() {
            channel.pipeline()
                    .addAfter(
                            ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
                            "lingering-close",
                            new LingeringClose())
                    .addAfter("lingering-close", "access-log", new AccessLog(catalog, channel, isLogged))
                    .addAfter("access-log", "predict-route", new PredictRoute(exchanges, isLogged));
        }
    }

    /** Takes no new connections from now on. Blocks until that is so. */
    public void stopAccepting() throws InterruptedException {
        listeners.close().await();
    }

    /**
     * Waits until every connection is closed, which they are one by one as their next answer says so; for {@code limit}
     * at most, because an idle client may never ask again.
     */
    public void awaitClosed(Duration limit) throws InterruptedException {
        open.newCloseFuture().await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
}
