package dev.modelserving;

import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.DynamoDbModelRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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

    private static LocalAws start() {
        try {
            return LocalAws.start(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "emulated-aws"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
