package dev.modelserving;

import dev.modelserving.artifact.CacheFolderException;
import dev.modelserving.settings.Settings;
import dev.modelserving.settings.SettingsException;
import java.io.PrintStream;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import sun.misc.Signal;

/** The process: reads the environment, starts the service, and ends it when it is told to. */
public final class Application {
    /** Exit codes of sysexits.h. */
    private static final int DONE = 0;

    private static final int INTERNAL_FAILURE = 70;
    private static final int CONFIGURATION = 78;

    private Application() {}

    public static void main(String[] args) {
        LogFormat.choose(System.getenv());
        try {
            start(Settings.fromEnvironment(System.getenv()));
        } catch (SettingsException e) {
            fail(CONFIGURATION, String.valueOf(e.getMessage()));
        }
    }

    private static void start(Settings settings) {
        try {
            endOnSignals(Service.start(settings));
        } catch (RuntimeException e) {
            cause(e, cause -> cause instanceof BindException)
                    .ifPresent(cause ->
                            fail(CONFIGURATION, "HTTP_PORT " + settings.httpPort() + " is in use by another process"));
            cause(e, cause -> cause instanceof CacheFolderException)
                    .ifPresent(cause -> fail(CONFIGURATION, "MODEL_CACHE_DIR " + cause.getMessage()));
            cause(e, Application::saysThatThereIsNoRegion)
                    .ifPresent(cause ->
                            fail(CONFIGURATION, "AWS_REGION is not set, and no profile or instance names a region"));
            LoggerFactory.getLogger(Application.class).error("the service cannot start", e);
            fail(INTERNAL_FAILURE, "the service cannot start: " + e.getMessage());
        }
    }

    /**
     * A signal handler and not a shutdown hook: hooks run side by side with ONNX Runtime's own, which frees its
     * environment under runs that are not finished.
     */
    private static void endOnSignals(Service service) {
        AtomicBoolean ending = new AtomicBoolean();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                if (ending.getAndSet(true)) {
                    return;
                }
                try {
                    service.drain();
                    System.exit(DONE);
                } catch (InterruptedException | RuntimeException e) {
                    LoggerFactory.getLogger(Application.class).error("the service did not stop cleanly", e);
                    System.exit(INTERNAL_FAILURE);
                }
            });
        }
    }

    /** The region may come from many places, so only the SDK can tell that there is none. */
    private static boolean saysThatThereIsNoRegion(Throwable cause) {
        return cause instanceof SdkClientException
                && String.valueOf(cause.getMessage()).startsWith("Unable to load region");
    }

    private static Optional<Throwable> cause(Throwable failure, Predicate<Throwable> wanted) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (wanted.test(cause)) {
                return Optional.of(cause);
            }
        }
        return Optional.empty();
    }

    private static void fail(int exitCode, String message) {
        PrintStream terminal = System.err;
        terminal.println("model-serving: " + message);
        System.exit(exitCode);
    }
}
