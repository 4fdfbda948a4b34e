package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Emulated AWS services with the sample models, and one service on them, for all end-to-end tests of a run. */
public final class RunningPlatform implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(RunningPlatform.class);

    /** What tests use of it. */
    public record Platform(LocalAws aws, ServiceProcess service, Path folder) implements AutoCloseable {
        static Platform start() {
            try {
                Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "platform");
                LocalAws aws = LocalAws.start(folder);
                SampleModels.registerAll(aws);
                ServiceProcess service = startService(aws, folder, Map.of());
                if (!service.awaitReady(Duration.ofSeconds(60))) {
                    throw new IllegalStateException("the service did not become ready: " + folder);
                }
                return new Platform(aws, service, folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** Another service on the same platform, for tests that end it. */
        ServiceProcess startService(Map<String, String> variables) throws IOException {
            return startService(aws, folder, variables);
        }

        private static ServiceProcess startService(LocalAws aws, Path folder, Map<String, String> variables)
                throws IOException {
            Map<String, String> environment = new HashMap<>(aws.environment());
            environment.put("MODEL_CACHE_DIR", folder.resolve("cache").toString());
            environment.putAll(variables);
            int port = FreePort.find();
            return ServiceProcess.start(
                    environment,
                    port,
                    ProcessBuilder.Redirect.to(log(folder, port).toFile()));
        }

        /** Where the output of a service goes that was started here. */
        Path log(ServiceProcess service) {
            return log(folder, service.url("").getPort());
        }

        private static Path log(Path folder, int port) {
            return folder.resolve("service-" + port + ".log");
        }

        @Override
        public void close() {
            service.close();
            aws.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Platform.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent("platform", key -> Platform.start(), Platform.class);
    }
}
