package dev.modelserving;

import dev.modelserving.api.grpc.GrpcServer;
import dev.modelserving.api.rest.Connections;
import dev.modelserving.api.rest.OwnConnections;
import dev.modelserving.api.rest.OwnRequests;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.runtime.server.EmbeddedServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: started by {@link #start}, ended by {@link #drain}. */
final class Service {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    /** How long an accepted connection may take to send the request for which it was opened. */
    private static final Duration LAST_REQUEST_GRACE = Duration.ofSeconds(1);

    /** How long a client that connects while this replica leaves may make calls. */
    private static final Duration SEND_AWAY_AGAIN = Duration.ofSeconds(1);

    /** For what waits in the prediction log. */
    private static final Duration LOG_LIMIT = Duration.ofSeconds(10);

    private final Settings settings;
    private final ApplicationContext context;
    private final EmbeddedServer server;
    private final GrpcServer grpc;

    private Service(Settings settings, ApplicationContext context, EmbeddedServer server, GrpcServer grpc) {
        this.settings = settings;
        this.context = context;
        this.server = server;
        this.grpc = grpc;
    }

    /**
     * Listens, and begins to load models. The service is not ready before the models are.
     *
     * @throws RuntimeException when the port is taken or the cache folder cannot be used; nothing is left running then
     */
    static Service start(Settings settings) {
        ApplicationContext context = ApplicationContext.builder()
                .banner(false)
                .deduceEnvironment(false)
                .singletons(settings)
                .properties(Map.of(
                        "micronaut.netty.event-loops.default.num-threads",
                        settings.threads().eventLoops(),
                        "micronaut.server.port",
                        settings.ports().http() == 0 ? -1 : settings.ports().http(),
                        "micronaut.server.max-request-size",
                        settings.requestMaxBytes(),
                        "micronaut.server.max-request-buffer-size",
                        settings.requestMaxBytes()))
                .start();
        try {
            Serving serving = context.getBean(Serving.class);
            EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
            GrpcServer grpc = context.getBean(GrpcServer.class);
            grpc.start();
            context.getBean(PredictionLog.class).start();
            serving.start(server.getPort(), new OwnRequests(server.getPort(), context.getBean(OwnConnections.class)));
            tell(settings);
            LOG.info("listening on port {}, for gRPC on port {}", server.getPort(), grpc.port());
            return new Service(settings, context, server, grpc);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private static void tell(Settings settings) {
        if (!settings.task().fault().isEmpty()) {
            LOG.warn(
                    "ECS does not tell the task's id and limits: {}",
                    settings.task().fault());
        }
        LOG.info(settings.threads().told());
    }

    int port() {
        return server.getPort();
    }

    int grpcPort() {
        return grpc.port();
    }

    /**
     * Leaves without cutting anybody off: not ready any more, each answer closes its connection, and only after the
     * drain delay no new connections; then everything under way is finished, the models are freed and the prediction log is written. Blocks.
     */
    void drain() throws InterruptedException {
        Serving serving = context.getBean(Serving.class);
        Connections connections = context.getBean(Connections.class);
        LOG.info(
                "shutting down: not ready any more, accepting for another {} ms",
                settings.drainDelay().toMillis());
        serving.beginDraining();
        awaitDrainDelay();
        connections.stopAccepting();
        connections.awaitClosed(LAST_REQUEST_GRACE);
        grpc.stop(settings.requestTimeout());
        closeIdleConnections();
        if (!serving.finish(settings.requestTimeout())) {
            LOG.warn("some predictions did not end in time");
        }
        context.getBean(PredictionLog.class).close(LOG_LIMIT);
        serving.close();
        context.close();
        LOG.info("stopped");
    }

    /** Clients of gRPC are told in steps, because new ones may come until the end. */
    private void awaitDrainDelay() throws InterruptedException {
        long end = System.nanoTime() + settings.drainDelay().toNanos();
        do {
            grpc.sendClientsAway();
            TimeUnit.NANOSECONDS.sleep(Math.min(SEND_AWAY_AGAIN.toNanos(), end - System.nanoTime()));
        } while (end - System.nanoTime() > 0);
    }

    /** Those that are in the middle of a request are closed after its answer. */
    private void closeIdleConnections() throws InterruptedException {
        try {
            ((GracefulShutdownCapable) server)
                    .shutdownGracefully()
                    .toCompletableFuture()
                    .get(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("some connections did not end in time", e);
        }
    }
}
