package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;

/**
 * Every combination of settings, for {@code -Pcombinations}: thousands of apps, of which a process holds some hundreds
 * before the runtime of CDK, which forgets nothing, needs more memory than it gets.
 */
class EveryCombination {
    private static final int APPS_IN_A_PROCESS = 256;

    @Test
    void everySettingGoesWithEveryOther() throws Exception {
        int all = (int) Combinations.all().count();
        List<Callable<String>> processes = IntStream.iterate(
                        0, first -> first < all, first -> first + APPS_IN_A_PROCESS)
                .mapToObj(first -> (Callable<String>) () -> faultsOf(first))
                .toList();
        StringBuilder faults = new StringBuilder();
        ExecutorService executor =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            for (Future<String> found : executor.invokeAll(processes)) {
                faults.append(found.get());
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(faults.toString()).isEmpty();
    }

    /** What a process for some of them said before it failed; nothing if it did not. */
    private static String faultsOf(int first) throws IOException, InterruptedException {
        Path output = Files.createDirectories(Path.of("target", "combinations")).resolve(first + ".txt");
        int exitCode = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EveryCombination.class.getName(),
                        String.valueOf(first),
                        String.valueOf(APPS_IN_A_PROCESS))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        return exitCode == 0 ? "" : Files.readString(output);
    }

    /** Synthesises some combinations and exits with 1 if CloudFormation would not take one: the first, how many. */
    public static void main(String[] arguments) {
        List<String> some = Combinations.all()
                .skip(Integer.parseInt(arguments[0]))
                .limit(Integer.parseInt(arguments[1]))
                .toList();
        int faulty = 0;
        for (String settings : some) {
            List<String> faults = faults(settings);
            if (!faults.isEmpty()) {
                System.out.println(Combinations.name(settings) + ":\n  " + String.join("\n  ", faults));
                faulty++;
            }
        }
        System.out.printf(
                "combinations %s to %d: %d faulty%n",
                arguments[0], Integer.parseInt(arguments[0]) + some.size() - 1, faulty);
        System.exit(faulty == 0 ? 0 : 1);
    }

    private static List<String> faults(String settings) {
        try {
            App app = Synthesis.of(settings).whole();
            List<String> faults = TemplateFaults.in(Templates.of(app).all());
            delete(Path.of(app.getOutdir()));
            return faults;
        } catch (RuntimeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
