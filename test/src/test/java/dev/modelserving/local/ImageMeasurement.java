package dev.modelserving.local;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.local.ContainerImage.Build;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How long a container takes until it is ready, and what its health check costs. See {@code test/measure/image.sh}. */
final class ImageMeasurement {
    private static final PrintStream TERMINAL = System.out;
    private static final int BEYOND = 3;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration LATEST_READY = Duration.ofSeconds(5);
    private static final double MOST_HEALTH_MILLIS = 100;
    private static final int HEALTH_CHECKS = 20;
    private static final ModelRef IRIS = ModelRef.of("iris", 2);

    private ImageMeasurement() {}

    /** A folder to work in, and how many starts. Exit code 3: beyond a limit. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        int rounds = Integer.parseInt(args[1]);
        Build build = ContainerImage.build();
        if (build.name().isEmpty()) {
            TERMINAL.println(build.obstacle());
            return;
        }
        String image = build.name().get();
        List<Duration> ready = new ArrayList<>();
        List<Double> health = new ArrayList<>();
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            OddModels.registerUnchecked(aws, IRIS, SampleModels.folder(IRIS));
            for (int round = 0; round < rounds; round++) {
                try (ServiceContainer container = start(image, aws, work)) {
                    ready.add(Duration.between(container.startedAt(), ready(container)));
                    health.add(healthMillis(container));
                }
            }
        }
        Duration start = ready.stream().sorted().toList().get(rounds / 2);
        double check = health.stream().sorted().toList().get(rounds / 2);
        long bytes = ContainerImage.bytesBesideTheBase(image);
        tell(
                "ready %.2f s after the start of the container with 1 vCPU and 1 GiB, without warming up (limit: %.0f s), median"
                        + " of %d",
                start.toMillis() / 1e3, LATEST_READY.toSeconds() / 1.0, rounds);
        tell("health check: %.1f ms of a processor (limit: %.0f ms)", check, MOST_HEALTH_MILLIS);
        tell(
                "size beside the base: %.1f MB (limit: %.0f MB)",
                bytes / 1e6, ContainerImage.MOST_BYTES_BESIDE_THE_BASE / 1e6);
        boolean within = start.compareTo(LATEST_READY) < 0
                && check < MOST_HEALTH_MILLIS
                && bytes < ContainerImage.MOST_BYTES_BESIDE_THE_BASE;
        System.exit(within ? 0 : BEYOND);
    }

    private static void tell(String format, Object... figures) {
        TERMINAL.println(String.format(Locale.ROOT, format, figures));
    }

    /** As on ECS with one vCPU. */
    private static ServiceContainer start(String image, LocalAws aws, Path work) throws Exception {
        Map<String, String> environment = aws.environment();
        environment.put("WARM_UP_LIMIT", "0s");
        ServiceContainer container = ServiceContainer.start(
                image,
                environment,
                work,
                List.of("--cpus=1", "--memory=1g", "--memory-swap=1g", "--read-only", "--read-only-tmpfs=false"),
                List.of(
                        "-XX:ActiveProcessorCount=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-jar",
                        "/app/model-serving.jar"));
        if (!container.process().awaitReady(LONG)) {
            throw new IllegalStateException("the container is not ready: " + container.output());
        }
        return container;
    }

    /** When it said so. */
    private static Instant ready(ServiceContainer container) throws IOException {
        for (String line : container.output()) {
            if (line.contains("\"message\":\"ready\"")) {
                return Instant.parse(
                        JsonClient.JSON.readTree(line).get("@timestamp").asText());
            }
        }
        throw new IllegalStateException("the container does not say that it is ready");
    }

    /** The time that a processor spends on the program, of several in a row. */
    private static double healthMillis(ServiceContainer container) {
        List<String> times = container.ask("TIMEFORMAT='%3U %3S'; { time for i in {1.." + HEALTH_CHECKS
                + "}; do /app/health || exit; done; } 2>&1");
        String[] seconds = times.get(0).split(" ", 2);
        return (Double.parseDouble(seconds[0]) + Double.parseDouble(seconds[1])) * 1e3 / HEALTH_CHECKS;
    }
}
