package dev.modelserving;

import dev.modelserving.api.rest.PooledMemory;
import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.CacheFolderException;
import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.artifact.S3ResultStore;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.registry.DynamoDbModelRegistry;
import dev.modelserving.registry.DynamoDbReplicaRegistry;
import dev.modelserving.registry.ModelRegistry;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.registry.ReplicaRegistry;
import dev.modelserving.runtime.OrtLibrary;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.netty.buffer.ByteBufAllocator;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/** How the service is put together, in one place; the packages below know nothing of a container. */
@Factory
final class ServiceFactory {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A read of the registry is answered within milliseconds; whoever waits longer waits for nothing. */
    private static final CallLimits DYNAMO_DB = new CallLimits(Duration.ofSeconds(3), Duration.ofSeconds(8));

    /** Until an object opens, and between two pieces of it; well below what a request waits for a model. */
    private static final CallLimits S3 = new CallLimits(Duration.ofSeconds(6), Duration.ofSeconds(15));

    /**
     * How long a dependency may keep a thread.
     *
     * @param silence without a byte
     * @param call with all attempts and the pauses between them; not what is streamed after it
     */
    private record CallLimits(Duration silence, Duration call) {
        UrlConnectionHttpClient.Builder http() {
            return UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_TIMEOUT)
                    .socketTimeout(silence);
        }

        ClientOverrideConfiguration configuration() {
            return ClientOverrideConfiguration.builder()
                    .retryStrategy(RetryMode.STANDARD)
                    .apiCallAttemptTimeout(silence)
                    .apiCallTimeout(call)
                    .build();
        }
    }

    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Singleton
    @Bean(preDestroy = "close")
    DynamoDbClient dynamoDb() {
        return DynamoDbClient.builder()
                .httpClientBuilder(DYNAMO_DB.http())
                .overrideConfiguration(DYNAMO_DB.configuration())
                .build();
    }

    @Singleton
    @Bean(preDestroy = "close")
    S3Client s3() {
        return S3Client.builder()
                .httpClientBuilder(S3.http())
                .overrideConfiguration(S3.configuration())
                .build();
    }

    @Singleton
    ModelRegistry registry(DynamoDbClient dynamoDb, Settings settings, Clock clock) {
        return new DynamoDbModelRegistry(dynamoDb, settings.registryTable(), clock);
    }

    @Singleton
    ArtifactStore artifacts(S3Client s3, Settings settings) {
        return new S3ArtifactStore(s3, settings.artifactsBucket());
    }

    @Singleton
    ArtifactCache artifactCache(ArtifactStore artifacts, Settings settings) throws CacheFolderException {
        ArtifactCache cache = new ArtifactCache(
                artifacts, settings.cache().directory(), settings.cache().maxBytes());
        OrtLibrary.keepIn(settings.cache().directory());
        return cache;
    }

    @Singleton
    ReplicaId replica(Settings settings) {
        return ReplicaId.of(settings.task());
    }

    @Singleton
    PredictionLog predictionLog(S3Client s3, ReplicaId replica, Settings settings, Clock clock) {
        return new PredictionLog(
                settings.predictionLog(), new S3ResultStore(s3, settings.goldBucket()), replica.value(), clock);
    }

    @Singleton
    RegistryFollower follower(ModelRegistry registry, Clock clock) {
        return new RegistryFollower(registry, clock);
    }

    @Singleton
    ReplicaRegistry replicas(DynamoDbClient dynamoDb, Settings settings, Clock clock) {
        return new DynamoDbReplicaRegistry(dynamoDb, settings.registryTable(), clock);
    }

    @Singleton
    Serving serving(
            Settings settings,
            RegistryFollower follower,
            ReplicaRegistry replicas,
            ReplicaId replica,
            ArtifactCache cache,
            Clock clock) {
        return new Serving(
                settings, follower, replicas, replica, cache, () -> new PooledMemory(ByteBufAllocator.DEFAULT), clock);
    }

    @Singleton
    InferenceEngine engine(Serving serving) {
        return serving.engine();
    }

    @Singleton
    ModelCatalog catalog(Serving serving) {
        return serving.catalog();
    }
}
