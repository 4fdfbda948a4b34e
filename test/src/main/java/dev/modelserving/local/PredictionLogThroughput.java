package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How many predictions a second the service answers with the prediction log, as a share of those without: two services,
 * loaded in turn. Arguments: a folder for data, how many rounds, seconds of each. Prints the figures, and the median of
 * the shares alone in the last line.
 */
public final class PredictionLogThroughput {
    private static final PrintStream TERMINAL = System.out;
    private static final int CONNECTIONS = 16;
    private static final int WARM_UPS = 2;
    private static final ModelRef IRIS = ModelRef.of("iris", 2);
    private static final String BODY =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";

    private PredictionLogThroughput() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]).toAbsolutePath();
        int rounds = Integer.parseInt(args[1]);
        Duration time = Duration.ofSeconds(Long.parseLong(args[2]));
        try (LocalAws aws = LocalAws.start(Files.createDirectories(folder.resolve("aws")))) {
            SampleModels.registration(aws).register(IRIS, SampleModels.folder(IRIS), "");
            SampleModels.registration(aws).point(AliasRecord.CHAMPION, IRIS, "measurement");
            try (ServiceProcess without = start(aws, folder, "off");
                    ServiceProcess with = start(aws, folder, "full")) {
                measure(without, with, rounds, time);
            }
        }
    }

    private static void measure(ServiceProcess without, ServiceProcess with, int rounds, Duration time)
            throws IOException, InterruptedException {
        double[] shares = new double[rounds];
        for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
            perSecond(without, time);
            perSecond(with, time);
        }
        for (int round = 0; round < rounds; round++) {
            long off = perSecond(without, time);
            long full = perSecond(with, time);
            shares[round] = (double) full / off;
            TERMINAL.printf("off: %d/s, full: %d/s, share: %.3f%n", off, full, shares[round]);
        }
        Arrays.sort(shares);
        TERMINAL.printf("%.3f%n", shares[rounds / 2]);
    }

    private static long perSecond(ServiceProcess service, Duration time) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        long answered =
                new ClosedLoop(service.url("/predict/iris"), BODY).send(CONNECTIONS, number -> System.nanoTime() < end);
        return answered * 1_000_000_000 / (System.nanoTime() - begin);
    }

    private static ServiceProcess start(LocalAws aws, Path folder, String log)
            throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("MODEL_CACHE_DIR", folder.resolve("cache-" + log).toString());
        environment.put("PREDICTION_LOG", log);
        ServiceProcess service = ServiceProcess.start(
                environment,
                FreePort.find(),
                ProcessBuilder.Redirect.to(folder.resolve(log + ".log").toFile()));
        if (!service.awaitReady(Duration.ofMinutes(1))) {
            throw new IOException("the service did not start: " + folder);
        }
        return service;
    }
}
