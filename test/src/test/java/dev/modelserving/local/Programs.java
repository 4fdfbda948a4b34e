package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs that tests run. */
final class Programs {
    private Programs() {}

    /** Blocks until it has ended, which has to be with 0. */
    static List<String> run(List<String> command, Path directory, Map<String, String> environment) throws Exception {
        Path errors = directory.resolve("errors.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(15, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
            return output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
