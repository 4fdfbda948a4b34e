package dev.modelserving.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The container image, built by {@code test/image/build.sh} once for all tests of a run. A machine that cannot build
 * images skips them and says why, unless the environment has {@code IMAGE_TESTS=required}.
 */
final class ContainerImage implements ParameterResolver {
    /** What {@code build.sh} ends with where images cannot be built; sysexits' EX_UNAVAILABLE. */
    static final int UNAVAILABLE = 69;

    static final long MOST_BYTES_BESIDE_THE_BASE = 250_000_000;

    private static final Path SCRIPTS = Path.of("image").toAbsolutePath();
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ContainerImage.class);

    /** How a program ended and what it wrote. */
    record Ended(int exitCode, List<String> output, String errors) {}

    /** What a run has built, or why it has built nothing. */
    record Build(Optional<String> name, String obstacle) {}

    /**
     * What to make of the end of {@code build.sh}, or of {@code setup.sh} before it.
     *
     * @throws IllegalStateException when the build failed, or could not be tried although the environment requires it
     */
    static Build judge(Ended setup, Ended build, Map<String, String> environment) {
        boolean unavailable = setup.exitCode() != 0 || build.exitCode() == UNAVAILABLE;
        String errors = (setup.exitCode() != 0 ? setup : build).errors();
        if (!unavailable && build.exitCode() == 0) {
            return new Build(Optional.of(build.output().get(0)), "");
        }
        if (unavailable && !"required".equals(environment.get("IMAGE_TESTS"))) {
            return new Build(Optional.empty(), "the image is not tested: " + errors.strip());
        }
        throw new IllegalStateException("the image could not be built: " + errors.strip());
    }

    /** Runs {@code test/image/<script>} and waits for its end. */
    static Ended run(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        try {
            Path errors = Files.createTempFile(Path.of("target").toAbsolutePath(), script, ".log");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            try {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(15, TimeUnit.MINUTES)) {
                    throw new IllegalStateException(command + " did not end");
                }
                return new Ended(process.exitValue(), output.lines().toList(), Files.readString(errors));
            } finally {
                process.destroyForcibly();
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** podman, which has to end with 0; what it wrote. */
    static List<String> podman(String... arguments) {
        Ended ended = run("podman.sh", arguments);
        if (ended.exitCode() != 0) {
            throw new IllegalStateException("podman " + List.of(arguments) + ": " + ended.errors());
        }
        return ended.output();
    }

    /** What starts podman. */
    static String podman() {
        return SCRIPTS.resolve("podman.sh").toString();
    }

    /** The digests of its layers, the lowest one, which is the base, first. */
    static List<String> layers(String image) {
        return podman("image", "inspect", "--format={{range .RootFS.Layers}}{{println .}}{{end}}", image).stream()
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** What the image adds to its base, uncompressed; the base is the least image that has the same lowest layer. */
    static long bytesBesideTheBase(String image) {
        String base = layers(image).get(0);
        long least = podman("images", "--quiet", "--no-trunc").stream()
                .filter(id -> layers(id).get(0).equals(base))
                .mapToLong(ContainerImage::bytes)
                .min()
                .orElseThrow();
        return bytes(image) - least;
    }

    private static long bytes(String image) {
        return Long.parseLong(
                podman("image", "inspect", "--format={{.Size}}", image).get(0));
    }

    /** Builds it, or says why not. */
    static Build build() {
        Ended setup = run("setup.sh");
        return judge(setup, setup.exitCode() == 0 ? run("build.sh") : setup, System.getenv());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == String.class;
    }

    /** Its name. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Build build = context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent("image", key -> build(), Build.class);
        Assumptions.assumeTrue(build.name().isPresent(), build.obstacle());
        return build.name().orElseThrow();
    }
}
