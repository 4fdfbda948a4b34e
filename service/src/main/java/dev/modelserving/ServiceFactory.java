package dev.modelserving;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.artifact.S3ResultStore;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.registry.DynamoDbModelRegistry;
import dev.modelserving.registry.ModelRegistry;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.Serving;
import dev.modelserving.settings.Settings;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/** How the service is put together, in one place; the packages below know nothing of a container. */
@Factory
final class ServiceFactory {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Singleton
    @Bean(preDestroy = "close")
    DynamoDbClient dynamoDb() {
        return DynamoDbClient.builder().httpClientBuilder(http()).build();
    }

    @Singleton
    @Bean(preDestroy = "close")
    S3Client s3() {
        return S3Client.builder().httpClientBuilder(http()).build();
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
    PredictionLog predictionLog(S3Client s3, Settings settings, Clock clock) {
        return new PredictionLog(
                settings.predictionLog(), new S3ResultStore(s3, settings.goldBucket()), replica(), clock);
    }

    /** A name for this process and no other. */
    private static String replica() {
        String random = HexFormat.of().toHexDigits(new SecureRandom().nextInt());
        return hostName().replaceAll("[^A-Za-z0-9.-]", "-") + "-" + random;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    @Singleton
    RegistryFollower follower(ModelRegistry registry, Clock clock) {
        return new RegistryFollower(registry, clock);
    }

    @Singleton
    Serving serving(Settings settings, RegistryFollower follower, ArtifactCache cache, Clock clock) {
        return new Serving(settings, follower, cache, clock);
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
