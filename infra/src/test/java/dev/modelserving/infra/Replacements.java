package dev.modelserving.infra;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code infra/replacements.py} on what {@code cdk diff} wrote. */
record Replacements(int status, String output) {
    static Replacements in(String diff, String... allowed) throws IOException, InterruptedException {
        Path file = Files.createTempFile("diff", ".txt");
        try {
            Files.writeString(file, diff);
            List<String> command = new ArrayList<>(List.of("python3", "replacements.py", file.toString()));
            if (allowed.length > 0) {
                command.add("--allow");
                command.addAll(List.of(allowed));
            }
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            return new Replacements(process.waitFor(), output);
        } finally {
            Files.delete(file);
        }
    }
}
