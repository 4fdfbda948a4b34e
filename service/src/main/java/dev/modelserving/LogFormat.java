package dev.modelserving;

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

    /** From Java 22 on a console is there without a terminal too, unless this property says otherwise. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        if (System.getProperty("jdk.console") == null) {
            System.setProperty("jdk.console", "java.base");
        }
        return System.console() != null;
    }
}
