package dev.modelserving;

import dev.modelserving.api.grpc.GrpcPortException;
import dev.modelserving.artifact.CacheFolderException;
import dev.modelserving.pipeline.ExitCode;
import dev.modelserving.settings.Settings;
import dev.modelserving.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import sun.misc.Signal;

/** The process: reads the environment, then serves until it is told to end, or verifies and ends by itself. */
public final class Application {
    private static final String NO_REGION = "AWS_REGION is not set, and no profile or instance names a region";

    private Application() {}

    public static void main(String[] args) {
        LogFormat.choose(System.getenv());
        leaveOutWhatNobodyAsksFor();
        try {
            Settings settings = Settings.fromEnvironment(System.getenv());
            switch (settings.mode()) {
                case STANDALONE -> serve(settings);
                case STEP_FUNCTIONS -> verify(settings);
            }
        } catch (SettingsException e) {
            fail(ExitCode.CONFIGURATION, String.valueOf(e.getMessage()));
        }
    }

    /** Netty would describe its own events to the flight recorder with the first request, which loads much of it. */
    private static void leaveOutWhatNobodyAsksFor() {
        if (System.getProperty("io.netty.jfr.enabled") == null) {
            System.setProperty("io.netty.jfr.enabled", "false");
        }
    }

    private static void verify(Settings settings) {
        try {
            System.exit(PipelineProcess.run(settings).number());
        } catch (CacheFolderException e) {
            fail(ExitCode.CONFIGURATION, "MODEL_CACHE_DIR " + e.getMessage());
        } catch (RuntimeException | Error e) {
            cause(e, Application::saysThatThereIsNoRegion).ifPresent(cause -> fail(ExitCode.CONFIGURATION, NO_REGION));
            LoggerFactory.getLogger(Application.class).error("the verification broke off", e);
            fail(ExitCode.INTERNAL_FAILURE, "the verification broke off: " + e);
        }
    }

    private static void serve(Settings settings) {
        // Netty keeps memory for as many threads as it believes that there may be.
        System.setProperty(
                "io.netty.availableProcessors",
                Integer.toString(settings.threads().processors().count()));
        try {
            endOnSignals(Service.start(settings));
        } catch (RuntimeException e) {
            cause(e, Application::saysThatThePortIsTaken)
                    .ifPresent(cause ->
                            fail(ExitCode.CONFIGURATION, portOf(e, settings) + " is in use by another process"));
            cause(e, cause -> cause instanceof CacheFolderException)
                    .ifPresent(cause -> fail(ExitCode.CONFIGURATION, "MODEL_CACHE_DIR " + cause.getMessage()));
            cause(e, Application::saysThatThereIsNoRegion).ifPresent(cause -> fail(ExitCode.CONFIGURATION, NO_REGION));
            LoggerFactory.getLogger(Application.class).error("the service cannot start", e);
            fail(ExitCode.INTERNAL_FAILURE, "the service cannot start: " + e.getMessage());
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
                    System.exit(ExitCode.DONE.number());
                } catch (InterruptedException | RuntimeException e) {
                    LoggerFactory.getLogger(Application.class).error("the service did not stop cleanly", e);
                    System.exit(ExitCode.INTERNAL_FAILURE.number());
                }
            });
        }
    }

    /** Each transport has a class of its own for that; the text is the system's. */
    private static boolean saysThatThePortIsTaken(Throwable cause) {
        return cause instanceof IOException
                && String.valueOf(cause.getMessage()).contains("Address already in use");
    }

    private static String portOf(Throwable failure, Settings settings) {
        return cause(failure, cause -> cause instanceof GrpcPortException).isPresent()
                ? "GRPC_PORT " + settings.ports().grpc()
                : "HTTP_PORT " + settings.ports().http();
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

    private static void fail(ExitCode code, String message) {
        PrintStream terminal = System.err;
        terminal.println("model-serving: " + message);
        System.exit(code.number());
    }
}
