package dev.modelserving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.registry.DynamoDbModelRegistry;
import dev.modelserving.registry.DynamoDbReplicaRegistry;
import dev.modelserving.registry.ModelRegistry;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaId;
import dev.modelserving.registry.ReplicaRegistry;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/** How the service is put together, in one place; the packages below know nothing of a container. */
@Factory
final class ServiceFactory {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /** Three attempts within seconds; DynamoDB's own would hold a throttled call for a minute. Callers try again too. */
    private static final RetryMode RETRIES = RetryMode.STANDARD;

    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Singleton
    @Bean(preDestroy = "close")
    DynamoDbClient dynamoDb() {
        return DynamoDbClient.builder()
                .httpClientBuilder(http())
                .overrideConfiguration(client -> client.retryStrategy(RETRIES))
                .build();
    }

    @Singleton
    @Bean(preDestroy = "close")
    S3Client s3() {
        return S3Client.builder()
                .httpClientBuilder(http())
                .overrideConfiguration(client -> client.retryStrategy(RETRIES))
                .build();
    }

    private static UrlConnectionHttpClient.Builder http() {
        return UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT_TIMEOUT)
                .socketTimeout(READ_TIMEOUT);
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
    ArtifactCache artifactCache(ArtifactStore artifacts, Settings settings) throws IOException {
        return new ArtifactCache(
                artifacts, settings.cache().directory(), settings.cache().maxBytes());
    }

    @Singleton
    RegistryFollower follower(ModelRegistry registry, Clock clock) {
        return new RegistryFollower(registry, clock);
    }

    @Singleton
    ReplicaId replica() {
        return ReplicaId.of(System.getenv());
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
        return new Serving(settings, follower, replicas, replica, cache, clock);
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
