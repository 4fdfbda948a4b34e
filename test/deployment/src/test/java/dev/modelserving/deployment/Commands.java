package dev.modelserving.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands that a user would type. */
public final class Commands {
    /** The repository's root. */
    public static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

    private Commands() {}

    /** Runs a command to its end, which must be a good one; gives the lines of its standard output. */
    public static List<String> run(List<String> command, Path directory, Map<String, String> environment)
            throws Exception {
        Path errors = directory.equals(ROOT) ? Path.of("target", "errors.log") : directory.resolve("errors.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(errors.toAbsolutePath().toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = output(process);
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue())
                    .as("%s: %s%s", command, output, Files.readString(errors))
                    .isZero();
            return output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
