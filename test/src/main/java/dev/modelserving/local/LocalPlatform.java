package dev.modelserving.local;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.settings.Settings;
import dev.modelserving.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import sun.misc.Signal;

/**
 * {@code mvn -Plocal}: everything on this machine until Ctrl-C. Data lies in the folder given as the first argument and
 * is found again by the next start. Variables of the service that are set where Maven was called apply.
 */
public final class LocalPlatform {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int CONFIGURATION = 78;
    private static final PrintStream TERMINAL = System.out;

    private LocalPlatform() {}

    public static void main(String[] args) throws Exception {
        try {
            Path data = Path.of(args[0]).toAbsolutePath();
            Settings.Ports ports = checkedPorts();
            CountDownLatch end = new CountDownLatch(1);
            endOnSignals(end);
            run(data, ports, end);
            TERMINAL.println("stopped; the data stays in " + relative(data));
            System.exit(0);
        } catch (SettingsException | IOException e) {
            TERMINAL.println("model-serving: " + e.getMessage());
            System.exit(e instanceof SettingsException ? CONFIGURATION : 1);
        }
    }

    private static void run(Path data, Settings.Ports ports, CountDownLatch end) throws Exception {
        TERMINAL.println("starting DynamoDB Local and an S3 server ...");
        try (LocalAws aws = LocalAws.startRegistry(data)) {
            Map<String, String> environment = environment(aws, data);
            writeEnvironment(data, environment);
            Map<String, String> service = new LinkedHashMap<>(environment);
            service.put("GRPC_PORT", Integer.toString(ports.grpc()));
            try (ServiceProcess process = ServiceProcess.start(service, ports.http())) {
                aws.awaitBuckets();
                SampleModels.registerAll(aws);
                awaitServed(process);
                TERMINAL.println(welcome(aws, process, ports, data));
                verifyChampions(environment, data, end);
                end.await();
            }
        }
    }

    /** The step-functions mode once, beside the service that answers already. */
    private static void verifyChampions(Map<String, String> environment, Path data, CountDownLatch end)
            throws IOException, InterruptedException {
        Path log = data.resolve("step-functions.log");
        try (PipelineRun run = PipelineRun.start(environment, log)) {
            boolean ending = false;
            while (run.isAlive() && !ending) {
                ending = end.await(100, TimeUnit.MILLISECONDS);
            }
            if (!ending) {
                TERMINAL.println("step-functions mode: " + run.summary() + " (" + relative(log) + ")");
            }
        }
    }

    private static void awaitServed(ServiceProcess service) throws IOException, InterruptedException {
        long models = SampleModels.all().stream().map(ModelRef::id).distinct().count();
        boolean served = service.awaitReady(START_LIMIT) && service.awaitServed(models, START_LIMIT);
        if (!served) {
            throw new IOException("the service did not start; what it said is above");
        }
    }

    /** What is wrong with the environment is told before anything starts. */
    private static Settings.Ports checkedPorts() throws IOException {
        Map<String, String> checked = new LinkedHashMap<>(System.getenv());
        checked.put("ARTIFACTS_BUCKET", LocalAws.ARTIFACTS_BUCKET);
        checked.put("GOLD_BUCKET", LocalAws.GOLD_BUCKET);
        checked.put("MODEL_REGISTRY_TABLE", LocalAws.TABLE);
        Settings settings = Settings.fromEnvironment(checked);
        return new Settings.Ports(
                free("HTTP_PORT", settings.ports().http()),
                free("GRPC_PORT", settings.ports().grpc()));
    }

    private static int free(String variable, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IOException(
                    "port " + port + " is in use by another process; stop it, or set " + variable + " to a free port",
                    e);
        }
    }

    private static Map<String, String> environment(LocalAws aws, Path data) {
        Map<String, String> environment = aws.environment();
        environment.put("MODEL_CACHE_DIR", data.resolve("cache").toString());
        // Nobody but this machine can call what has no authentication yet.
        environment.put("MICRONAUT_SERVER_HOST", "127.0.0.1");
        return environment;
    }

    private static void writeEnvironment(Path data, Map<String, String> environment) throws IOException {
        String lines = environment.entrySet().stream()
                .map(entry -> "export " + entry.getKey() + "='" + entry.getValue() + "'")
                .collect(Collectors.joining("\n", "", "\n"));
        Files.createDirectories(data);
        Files.writeString(data.resolve("env"), lines);
    }

    private static String welcome(LocalAws aws, ServiceProcess service, Settings.Ports ports, Path data) {
        String url = service.url("").toString().replace("127.0.0.1", "localhost");
        return """

                ready: %1$s

                  gRPC      localhost:%8$d
                  S3        %2$s   buckets %3$s, %4$s
                  DynamoDB  %5$s   table %6$s
                  the same for other programs: source %7$s/env

                try
                  curl %1$s/models
                  curl %1$s/predict/iris -H 'Content-Type: application/json' -d '{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[6.7,3.1,4.4,1.4]}]}'
                  curl '%1$s/predict/iris?version=1' -H 'Content-Type: application/json' -d '{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[6.7,3.1,4.4]}]}'

                Ctrl-C stops everything.
                """.formatted(
                        url,
                        aws.s3Endpoint(),
                        LocalAws.ARTIFACTS_BUCKET,
                        LocalAws.GOLD_BUCKET,
                        aws.dynamoDbEndpoint(),
                        LocalAws.TABLE,
                        relative(data),
                        ports.grpc());
    }

    private static Path relative(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }

    /** Ctrl-C, SIGTERM, and the end of the Maven that started this. */
    private static void endOnSignals(CountDownLatch end) {
        Signal.handle(new Signal("INT"), signal -> end.countDown());
        Signal.handle(new Signal("TERM"), signal -> end.countDown());
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(end::countDown));
    }
}
