package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That a template depends on the sources alone. Each JVM iterates over {@code Map.of} and {@code Set.of} in an order of
 * its own, so the same stage is synthesised in several: in this one, and in others that see the project at other paths.
 */
class DeterminismTest {
    private static AppProcess dev;
    private static AppProcess prod;
    private static AppProcess prodAgain;

    @BeforeAll
    static void synthesise(@TempDir Path first, @TempDir Path second, @TempDir Path third) {
        // One of them with CDK's own checks of templates, which take seconds.
        CompletableFuture<AppProcess> checked = start(first, "dev", "true");
        CompletableFuture<AppProcess> other = start(second.resolve("some where else"), "prod", "false");
        CompletableFuture<AppProcess> again = start(third, "prod", "false");
        dev = checked.join();
        prod = other.join();
        prodAgain = again.join();
    }

    @Test
    void devIsTheSameFromEveryJvmAndFolder() {
        assertSame("dev", dev);
    }

    @Test
    void prodIsTheSameFromEveryJvmAndFolder() {
        assertSame("prod", prod);
        assertSame("prod", prodAgain);
    }

    @Test
    void cdksOwnChecksFindNothing() throws IOException {
        String report = Files.readString(dev.templates().resolve("validation-report.json"));
        assertThat(StackTemplate.JSON.readTree(report).get("pluginReports")).isEmpty();
        assertThat(dev.output()).isEmpty();
    }

    private static CompletableFuture<AppProcess> start(Path folder, String stage, String validation) {
        Path project = AppProcess.project(folder);
        return CompletableFuture.supplyAsync(
                () -> AppProcess.run(project, stage, Map.of("CDK_VALIDATION", validation)));
    }

    private static void assertSame(String stage, AppProcess there) {
        assertThat(there.errors()).isEmpty();
        assertThat(there.exitCode()).isZero();
        Path here = Path.of(Synthesis.ofFile(stage).whole().synth().getDirectory());
        List<String> names = templates(here);
        assertThat(names).hasSizeGreaterThan(2).isEqualTo(templates(there.templates()));
        for (String name : names) {
            assertThat(there.templates().resolve(name)).hasSameTextualContentAs(here.resolve(name));
            assertThat(there.templates().resolve(name)).hasSameBinaryContentAs(here.resolve(name));
        }
    }

    private static List<String> templates(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".template.json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
