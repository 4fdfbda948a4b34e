package dev.modelserving;

import dev.modelserving.emulators.LocalAws;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static LocalAws start() {
        try {
            return LocalAws.start(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "emulated-aws"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
