package dev.modelserving.emulators;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One emulated AWS service, running until {@link #close()}. Data lies in the folder that it was started on and is
 * found again by the next start on the same folder. Safe for use by several threads.
 */
final class Emulator implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final URI endpoint;
    private final Path log;

    private Emulator(String name, Process process, URI endpoint, Path log) {
        this.name = name;
        this.process = process;
        this.endpoint = endpoint;
        this.log = log;
    }

    /** Starts DynamoDB Local on {@code dataFolder}, and does not wait for it. */
    static Emulator launchDynamoDb(Path dataFolder) throws IOException {
        int port = FreePort.find();
        Path jars = EmulatorFiles.dynamoDb();
        List<String> command = java();
        command.addAll(
                List.of("-Dsqlite4java.library.path=" + jars, "-cp", EmulatorFiles.classPath(jars.resolve("*"))));
        command.addAll(TetheredMain.command("com.amazonaws.services.dynamodbv2.local.main.ServerRunner"));
        command.addAll(List.of("-port", Integer.toString(port), "-dbPath", dataFolder.toString()));
        command.addAll(List.of("-sharedDb", "-disableTelemetry"));
        return launch("DynamoDB Local", port, dataFolder, command);
    }

    /** Starts an S3 server on {@code dataFolder}, and does not wait for it. */
    static Emulator launchS3(Path dataFolder) throws IOException {
        int port = FreePort.find();
        Path unpacked = EmulatorFiles.s3();
        List<String> command = java();
        command.addAll(List.of(
                "-cp", EmulatorFiles.classPath(unpacked.resolve("classes"), unpacked.resolve(Path.of("lib", "*")))));
        command.addAll(TetheredMain.command("com.adobe.testing.s3mock.S3MockApplication"));
        command.addAll(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--com.adobe.testing.s3mock.httpPort=" + port,
                "--com.adobe.testing.s3mock.store.root=" + dataFolder,
                "--com.adobe.testing.s3mock.store.retain-files-on-exit=true",
                "--spring.main.banner-mode=off"));
        return launch("S3 server", port, dataFolder, command);
    }

    private static List<String> java() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ArrayList<>(List.of(java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    }

    URI endpoint() {
        return endpoint;
    }

    /** Ends the process and waits for its end, by force after five seconds. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static Emulator launch(String name, int port, Path dataFolder, List<String> command) throws IOException {
        Files.createDirectories(dataFolder);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(logFile(dataFolder).toFile())
                .start();
        return new Emulator(name, process, URI.create("http://127.0.0.1:" + port), logFile(dataFolder));
    }

    /** Waits until the emulator answers; it is closed when it does not. */
    void awaitAnswer() throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        try {
            while (!answers()) {
                if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                    close();
                    throw new IOException(name + " did not start; its output is in " + log);
                }
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IOException(name + " was interrupted while starting", e);
        }
    }

    private boolean answers() {
        try {
            HttpURLConnection connection = (HttpURLConnection) endpoint.toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(5000);
            boolean answered = connection.getResponseCode() > 0;
            connection.disconnect();
            return answered;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path logFile(Path dataFolder) {
        return dataFolder.resolveSibling(dataFolder.getFileName() + ".log");
    }
}
