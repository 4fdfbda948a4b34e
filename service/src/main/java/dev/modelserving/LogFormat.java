package dev.modelserving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Chooses how log lines look, before anything logs: for people on a terminal, as JSON for machines. */
final class LogFormat {
    private LogFormat() {}

    static void choose(Map<String, String> environment) {
        boolean terminal = isTerminal();
        String format = environment.getOrDefault("LOG_FORMAT", "auto");
        boolean text = format.equals("text") || (!format.equals("json") && terminal);
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", text ? "logback-text.xml" : "logback-json.xml");
        }
    }

    /** Only where the lines go matters; a console would want a terminal to read from too. */
    private static boolean isTerminal() {
        try {
            Path output = Files.readSymbolicLink(Path.of("/proc/self/fd/1"));
            return output.startsWith("/dev/pts") || output.startsWith("/dev/tty") || output.startsWith("/dev/console");
        } catch (IOException e) {
            return false; // not Linux
        }
    }
}
