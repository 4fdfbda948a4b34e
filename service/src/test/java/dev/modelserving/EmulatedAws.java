package dev.modelserving;

import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.DynamoDbModelRegistry;
import dev.modelserving.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the one emulated AWS of this test run; each test uses names of its own. It ends with the run. */
public final class EmulatedAws implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(EmulatedAws.class);

    private record Running(LocalAws aws) implements AutoCloseable {
        @Override
        public void close() {
            aws.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalAws.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent("aws", key -> new Running(start()), Running.class)
                .aws();
    }

    /** Registers models where the service looks for them. */
    static ModelRegistration registration(LocalAws aws) {
        return new ModelRegistration(
                new S3ArtifactStore(aws.s3(), LocalAws.ARTIFACTS_BUCKET),
                new DynamoDbModelRegistry(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC()));
    }

    /** The service's own clients find the emulators as they would find AWS: by the SDK's settings. */
    static void useByDefault(LocalAws aws) {
        System.setProperty("aws.region", "us-east-1");
        System.setProperty("aws.accessKeyId", "local");
        System.setProperty("aws.secretAccessKey", "local");
        System.setProperty("aws.endpointUrlS3", aws.s3Endpoint().toString());
        System.setProperty("aws.endpointUrlDynamoDb", aws.dynamoDbEndpoint().toString());
    }

    /** A service that is ready, with a port of its own. Whoever asks for it drains it. */
    static Service startService(LocalAws aws, Path cache, Map<String, String> variables) throws Exception {
        useByDefault(aws);
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("HTTP_PORT", "0");
        environment.put("MODEL_CACHE_DIR", cache.toString());
        environment.putAll(variables);
        Service service = Service.start(Settings.fromEnvironment(environment));
        HttpClient probe = HttpClient.newHttpClient();
        HttpRequest readiness = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.port() + "/health/readiness"))
                .build();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> probe.send(readiness, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200);
        return service;
    }

    private static LocalAws start() {
        try {
            return LocalAws.start(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "emulated-aws"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
