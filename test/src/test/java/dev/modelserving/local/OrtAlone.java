package dev.modelserving.local;

import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** ONNX Runtime alone, one row at a time on one thread, in a JVM like the service's: the most that a server can reach. */
final class OrtAlone {
    private static final PrintStream TERMINAL = System.out;

    private OrtAlone() {}

    /** The model's file, a request's body, seconds to warm up, seconds to measure. Prints runs a second. */
    public static void main(String[] args) throws Exception {
        try (OrtModel model = OrtModel.load(Path.of(args[0]))) {
            PredictRequest request =
                    PredictRequestReader.read(RequestBody.of(Files.readAllBytes(Path.of(args[1]))), model.signature());
            perSecond(model, request, Duration.ofSeconds(Long.parseLong(args[2])));
            TERMINAL.printf(
                    Locale.ROOT, "%.1f%n", perSecond(model, request, Duration.ofSeconds(Long.parseLong(args[3]))));
        }
    }

    private static double perSecond(OrtModel model, PredictRequest request, Duration time) {
        long begin = System.nanoTime();
        long runs = 0;
        while (System.nanoTime() - begin < time.toNanos()) {
            model.run(request.inference(), new RunInterrupt());
            runs++;
        }
        return runs * 1e9 / (System.nanoTime() - begin);
    }
}
