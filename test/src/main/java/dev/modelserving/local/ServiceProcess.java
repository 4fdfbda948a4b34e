package dev.modelserving.local;

import dev.modelserving.Application;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.TetheredMain;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The service's JAR as a process of its own. */
public final class ServiceProcess implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    private final Process process;
    private final int port;
    private final int grpcPort;

    private ServiceProcess(Process process, int port, int grpcPort) {
        this.process = process;
        this.port = port;
        this.grpcPort = grpcPort;
    }

    /**
     * Starts the service with this environment on top of our own, for gRPC on a free port where it names none; its output goes to our terminal. Does not wait.
     */
    public static ServiceProcess start(Map<String, String> environment, int port) throws IOException {
        return start(environment, port, ProcessBuilder.Redirect.INHERIT);
    }

    /** Starts the service with this environment on top of our own. Does not wait. */
    public static ServiceProcess start(Map<String, String> environment, int port, ProcessBuilder.Redirect output)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command()).redirectErrorStream(true).redirectOutput(output);
        builder.environment().putAll(environment);
        builder.environment().put("HTTP_PORT", Integer.toString(port));
        String grpcPort = environment.getOrDefault("GRPC_PORT", Integer.toString(FreePort.find()));
        builder.environment().put("GRPC_PORT", grpcPort);
        return new ServiceProcess(builder.start(), port, Integer.parseInt(grpcPort));
    }

    /** A service that another command starts, which was told to listen on {@code port}. Does not wait. */
    static ServiceProcess start(List<String> command, int port, ProcessBuilder.Redirect output) throws IOException {
        return new ServiceProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start(),
                port,
                port + 1);
    }

    /** What starts the service's JAR so that it ends with this process. */
    static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow"); // as jvm.options says it
        }
        command.add("-cp");
        command.add(jar() + File.pathSeparator + location(TetheredMain.class));
        command.addAll(TetheredMain.command(Application.class.getName()));
        return command;
    }

    /** The service's JAR, with its libraries in {@code lib} beside it. */
    public static Path jar() {
        return location(Application.class).resolveSibling("model-serving.jar");
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** Where it speaks gRPC. */
    public String grpcAddress() {
        return "127.0.0.1:" + grpcPort;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until {@code /health/readiness} says 200; says false when the process ended, or not within {@code limit}. */
    public boolean awaitReady(Duration limit) throws InterruptedException {
        return awaitAnswer("/health/readiness", body -> true, limit);
    }

    /** Waits until that many models are in memory; says false like {@link #awaitReady}. */
    boolean awaitServed(long models, Duration limit) throws InterruptedException {
        Pattern ready = Pattern.compile("\"state\":\"READY\"");
        return awaitAnswer("/models", body -> ready.matcher(body).results().count() >= models, limit);
    }

    private boolean awaitAnswer(String path, Predicate<String> wanted, Duration limit) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(url(path)).timeout(Duration.ofSeconds(5)).build();
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200 && wanted.test(answer.body())) {
                    return true;
                }
            } catch (IOException e) {
                // not listening yet
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Whether it ends by itself in that time. */
    boolean endsWithin(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end; the exit code. */
    public int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the service did not end within " + limit);
        }
        return process.exitValue();
    }

    /** Ends the process: by SIGTERM, and by force when that takes more than eight seconds. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(8, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
