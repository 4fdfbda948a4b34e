package dev.modelserving;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.modelserving.api.rest.AccessAppender;
import dev.modelserving.api.rest.AccessEncoder;
import io.micronaut.http.server.netty.NettyHttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * How log lines look: for people on a terminal, as JSON for machines. Logback finds this class by itself; it is no XML
 * file, because reading one takes longer than everything else that logs at the start. A file that
 * {@code -Dlogback.configurationFile} names goes before.
 */
public final class LogFormat extends ContextAwareBase implements Configurator {
    /** How {@link #choose} tells what was chosen to the instance that logback makes. */
    private static final String CHOSEN = "model-serving.log-format";

    private static final String TEXT = "text";
    private static final String JSON = "json";

    /** Chooses the format, before anything logs. */
    static void choose(Map<String, String> environment) {
        String format = environment.getOrDefault("LOG_FORMAT", "auto");
        boolean text = format.equals(TEXT) || (!format.equals(JSON) && isTerminal());
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty(CHOSEN, text ? TEXT : JSON);
        }
        // gRPC logs by the JDK's own logger.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
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

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        String chosen = System.getProperty(CHOSEN);
        if (chosen == null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        configure(context, chosen);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** @param format {@code text} or {@code json} */
    public void configure(LoggerContext context, String format) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        context.getLogger("io.micronaut").setLevel(Level.WARN);
        // It warns of what clients do wrong; they are told, and the access log has it.
        context.getLogger("io.grpc").setLevel(Level.ERROR);
        // What it says when the port is taken, the application says in one line.
        context.getLogger(NettyHttpServer.class).setLevel(Level.OFF);
        if (format.equals(TEXT)) {
            root.addAppender(started(new ConsoleAppender<>(), text()));
        } else {
            String execution = System.getenv().getOrDefault("PIPELINE_EXECUTION_ID", "");
            root.addAppender(started(new ConsoleAppender<>(), new LogLineEncoder(execution)));
            // One event for all that was answered at one time.
            Logger access = context.getLogger("access");
            access.setAdditive(false);
            access.addAppender(started(new AccessAppender(), new AccessEncoder(execution)));
        }
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %-16.-16thread %logger{0}: %msg%n%ex{full}");
        return encoder;
    }

    private ConsoleAppender<ILoggingEvent> started(
            ConsoleAppender<ILoggingEvent> appender, Encoder<ILoggingEvent> encoder) {
        encoder.setContext(getContext());
        encoder.start();
        appender.setContext(getContext());
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
