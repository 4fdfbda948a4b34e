package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * Whether unloading gives back what loading took: the champion goes back and forth between two versions, each of which is
 * loaded anew and the other unloaded. See {@code test/measure/memory.sh}.
 */
final class MemoryMeasurement {
    private static final PrintStream TERMINAL = System.out;
    private static final int BEYOND = 3;
    private static final double MOST_GROWTH = 0.05;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String MODEL = "swapped";
    private static final ModelRef SAMPLE = ModelRef.of("all-minilm-l6-v2-q", 1);

    private MemoryMeasurement() {}

    /** A folder to work in, how many cycles, after which of them the memory counts. Exit code 3: beyond the limit. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        int cycles = Integer.parseInt(args[1]);
        int settled = Integer.parseInt(args[2]);
        long before = 0;
        long after = 0;
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            ModelRegistration registration = SampleModels.registration(aws);
            for (long version = 1; version <= 2; version++) {
                registration.register(ModelRef.of(MODEL, version), SampleModels.folder(SAMPLE), "");
            }
            registration.point(AliasRecord.CHAMPION, ModelRef.of(MODEL, 1), "measure");
            Map<String, String> environment = aws.environment();
            environment.put("MODEL_CACHE_DIR", work.resolve("cache").toString());
            environment.put("REGISTRY_POLL_INTERVAL", "100ms");
            try (ServiceProcess service = ServiceProcess.start(
                    environment,
                    FreePort.find(),
                    ProcessBuilder.Redirect.to(work.resolve("service.log").toFile()))) {
                if (!service.awaitReady(LONG)) {
                    throw new IllegalStateException("the service is not ready");
                }
                for (int cycle = 1; cycle <= cycles; cycle++) {
                    long version = 1L + cycle % 2;
                    registration.point(AliasRecord.CHAMPION, ModelRef.of(MODEL, version), "measure");
                    awaitSwapped(service, work, version, cycle);
                    after = residentBytes(service);
                    if (cycle == settled) {
                        before = after;
                    }
                    if (cycle % 30 == 0 || cycle == settled || cycle == cycles) {
                        TERMINAL.printf(Locale.ROOT, "after %d cycles: %.1f MB resident%n", cycle, after / 1e6);
                    }
                }
            }
        }
        double growth = (after - before) / (double) before;
        TERMINAL.printf(
                Locale.ROOT,
                "resident memory after %d cycles: %+.1f %% of that after %d (limit: %.0f %%)%n",
                cycles,
                growth * 100,
                settled,
                MOST_GROWTH * 100);
        System.exit(growth <= MOST_GROWTH ? 0 : BEYOND);
    }

    /** Until the new version answers and the old one is unloaded. */
    private static void awaitSwapped(ServiceProcess service, Path work, long version, int cycle) {
        JsonClient client = new JsonClient();
        Awaitility.await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> client.get(service.url("/models/" + MODEL))
                                .body()
                                .path("version")
                                .asLong()
                        == version);
        Awaitility.await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.readAllLines(work.resolve("service.log")).stream()
                                .filter(line -> line.contains("retiring " + MODEL))
                                .count()
                        >= cycle);
    }

    private static long residentBytes(ServiceProcess service) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("the system does not tell the memory of a process");
    }
}
