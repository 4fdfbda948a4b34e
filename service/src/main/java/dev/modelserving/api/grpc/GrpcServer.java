package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.LoopRuns;
import dev.modelserving.api.rest.RepositoryIndex;
import dev.modelserving.api.rest.ServedModels;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import inference.GRPCInferenceServiceGrpc;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micronaut.http.netty.channel.EventLoopGroupConfiguration;
import io.micronaut.http.netty.channel.EventLoopGroupFactory;
import io.micronaut.http.netty.channel.EventLoopGroupRegistry;
import io.micronaut.http.netty.channel.NettyChannelType;
import io.micronaut.http.server.HttpServerConfiguration;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The port that speaks gRPC. It shares the event loops of the port that speaks HTTP: calls are taken on their threads, and
 * computed there or by the engine's, as over HTTP.
 */
@Singleton
public final class GrpcServer {
    /** Clients look for other replicas when they connect, and only then; so every one takes part in the traffic. */
    private static final Duration MOST_AGE = Duration.ofMinutes(10);

    /** Between two questions whether a silent client is still there. */
    private static final Duration ASK_SILENT = Duration.ofMinutes(1);

    private static final Duration SILENT_ANSWER = Duration.ofSeconds(20);

    /** A client that asks more often whether the server is there is refused. */
    private static final Duration LEAST_PING = Duration.ofSeconds(5);

    /** Further calls of a connection wait at the client. */
    private static final int MOST_CALLS = 1000;

    /** In which calls may come that clients sent before they were told of the end. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(1);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final Duration LAST_WRITES = Duration.ofSeconds(1);

    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

    private final Serving serving;
    private final Settings settings;
    private final HealthStatusManager health = new HealthStatusManager();
    private final GrpcConnections connections = new GrpcConnections();
    private final ExecutorService decompression;
    private final InferCalls infer;
    private final Server server;

    GrpcServer(
            Serving serving,
            ServedModels models,
            RepositoryIndex repository,
            ModelCatalog catalog,
            InferenceEngine engine,
            PredictionLog log,
            StatusAnswers errors,
            LoopRuns runs,
            EventLoopGroupRegistry groups,
            EventLoopGroupFactory factory,
            HttpServerConfiguration http,
            Settings settings) {
        this.serving = serving;
        this.settings = settings;
        this.decompression = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "grpc-decompression");
            thread.setDaemon(true);
            return thread;
        });
        EventLoopGroup loops = groups.getDefaultEventLoopGroup();
        EventLoopGroupConfiguration accepting =
                groups.getEventLoopGroupConfiguration("parent").orElseThrow();
        infer = new InferCalls(engine, catalog, log, errors, runs, loops, settings);
        server = NettyServerBuilder.forAddress(address(http))
                .bossEventLoopGroup(groups.getEventLoopGroup("parent").orElseThrow())
                .workerEventLoopGroup(loops)
                .channelFactory(() -> observed(
                        (ServerSocketChannel) factory.channelInstance(NettyChannelType.SERVER_SOCKET, accepting)))
                .directExecutor()
                .callExecutor(new Decompressing())
                .addStreamTracerFactory(CallTrace.factory(loops))
                .addService(new InferenceService(serving, models, repository, errors).with(infer))
                .decompressorRegistry(Deflate.beside(DecompressorRegistry.getDefaultInstance()))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .maxInboundMessageSize(settings.requestMaxBytes())
                .maxConcurrentCallsPerConnection(MOST_CALLS)
                .maxConnectionAge(MOST_AGE.toSeconds(), TimeUnit.SECONDS)
                .maxConnectionAgeGrace(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(ASK_SILENT.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTimeout(SILENT_ANSWER.toSeconds(), TimeUnit.SECONDS)
                .permitKeepAliveTime(LEAST_PING.toSeconds(), TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .build();
    }

    /** On the same interface as HTTP. */
    private InetSocketAddress address(HttpServerConfiguration http) {
        return http.getHost()
                .map(host -> new InetSocketAddress(host, settings.ports().grpc()))
                .orElseGet(() -> new InetSocketAddress(settings.ports().grpc()));
    }

    private ServerSocketChannel observed(ServerSocketChannel listener) {
        listener.pipeline().addLast(connections);
        return listener;
    }

    /** What is compressed is read on a thread of its own; a message may be large, and the event loop has others to serve. */
    private final class Decompressing implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            String encoding = headers.get(ENCODING);
            return encoding == null || encoding.equals("identity") ? null : decompression;
        }
    }

    /**
     * Listens.
     *
     * @throws GrpcPortException when the port is taken
     */
    public void start() {
        tellHealth();
        serving.whenReadinessChanges(this::tellHealth);
        try {
            server.start();
        } catch (IOException e) {
            throw new GrpcPortException(e);
        }
    }

    public int port() {
        return server.getPort();
    }

    private void tellHealth() {
        ServingStatus status = serving.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        for (String service : List.of("", GRPCInferenceServiceGrpc.SERVICE_NAME)) {
            health.setStatus(service, status);
        }
    }

    /** Has every client take its next call elsewhere, and goes on accepting those that come all the same. */
    public void sendClientsAway() {
        connections.sendAway();
    }

    /** Ends at once what {@link #stop} has not ended, as where the service could not start. */
    @PreDestroy
    void close() {
        server.shutdownNow();
        decompression.shutdown();
    }

    /**
     * Takes no calls any more, and finishes the predictions under way; what else is open, such as the watch of a health
     * check, is cut off. Blocks, for {@code limit} at most.
     */
    public void stop(Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        long idleSince = begin;
        server.shutdown();
        while (!server.isTerminated() && System.nanoTime() - begin < limit.toNanos()) {
            long now = System.nanoTime();
            if (!infer.isIdle()) {
                idleSince = now;
            } else if (now - idleSince > LAST_CALLS.toNanos()) {
                break;
            }
            server.awaitTermination(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
        server.shutdownNow();
        server.awaitTermination(LAST_WRITES.toMillis(), TimeUnit.MILLISECONDS);
    }
}
