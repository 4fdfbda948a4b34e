package dev.modelserving.local;

import static dev.modelserving.local.Flowers.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache folder is full, or cannot be written. */
class DiskFaultsIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static FaultyAws aws;

    private final Path mounted = folder.resolve("mounted");

    @BeforeAll
    static void register() throws Exception {
        aws = FaultyAws.start(folder);
        aws.register(ModelRef.of("flowers", 1), ModelRef.of("iris", 1));
        aws.register(ModelRef.of("flowers", 2), ModelRef.of("iris", 2));
        aws.register(ModelRef.of("digits", 1), ModelRef.of("digits", 1));
        SampleModels.registration(aws.direct()).point(AliasRecord.CHAMPION, ModelRef.of("flowers", 1), "test");
    }

    @AfterAll
    static void stop() {
        aws.close();
    }

    @AfterEach
    void unmount() throws Exception {
        if (Files.exists(mounted)) {
            run("umount", mounted.toString());
            Files.delete(mounted);
            Files.deleteIfExists(aws.log("mounted"));
        }
    }

    @Test
    void saysInOneLineThatTheCacheCannotBeMadeAndExitsWith78() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        try (ServiceProcess service = aws.startService("file/cache", Map.of("LOG_FORMAT", "text"))) {
            assertThat(service.awaitExit(LONG)).isEqualTo(78);
        }
        assertThat(aws.output("file/cache").lines())
                .containsExactly("model-serving: MODEL_CACHE_DIR " + folder.resolve("file/cache")
                        + " cannot be written: Not a directory");
    }

    @Test
    void saysInOneLineThatTheCacheIsReadOnlyAndExitsWith78() throws Exception {
        mount("ro");
        try (ServiceProcess service = aws.startService("mounted", Map.of())) {
            assertThat(service.awaitExit(LONG)).isEqualTo(78);
        }
        assertThat(aws.output("mounted").lines())
                .containsExactly(
                        "model-serving: MODEL_CACHE_DIR " + mounted + " cannot be written: Read-only file system");
    }

    @Test
    void refusesWhatDoesNotFitIntoTheCacheAndServesTheOthers() throws Exception {
        long bytes = size(ModelRef.of("iris", 1));
        try (ServiceProcess service =
                aws.startService("small", Map.of("MODEL_CACHE_MAX_BYTES", Long.toString(bytes + 1)))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            Flowers flowers = new Flowers(service);
            assertThat(flowers.assertNotReady("flowers?version=2")
                            .body()
                            .get("error")
                            .asText())
                    .containsPattern("the model cache (has no room|is too small): \\d+ bytes are needed");
            flowers.assertAnswers("flowers", 1);
            assertThat(flowers.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void goesOnWhenTheDiskIsFullAndRecoversOnceThereIsRoom() throws Exception {
        mount("size=1m");
        try (ServiceProcess service = aws.startService("mounted", Map.of("MODEL_CACHE_MAX_BYTES", "1 GiB"))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            Flowers flowers = new Flowers(service);
            Path filler = fill();
            assertThat(flowers.assertNotReady("flowers?version=2")
                            .body()
                            .get("error")
                            .asText())
                    .contains("No space left on device")
                    .doesNotContain(folder.toString());
            flowers.assertAnswers("flowers", 1);
            assertThat(flowers.get("/health").status()).isEqualTo(200);
            Files.delete(filler);
            soon().untilAsserted(() -> flowers.assertAnswers("flowers?version=2", 2));
        }
    }

    @Test
    void goesOnWhenTheCacheBecomesReadOnlyAndRecovers() throws Exception {
        mount("size=8m");
        try (ServiceProcess service = aws.startService("mounted", Map.of())) {
            assertThat(service.awaitReady(LONG)).isTrue();
            Flowers flowers = new Flowers(service);
            run("mount", "-o", "remount,ro", mounted.toString());
            assertThat(flowers.assertNotReady("flowers?version=2")
                            .body()
                            .get("error")
                            .asText())
                    .contains("Read-only file system")
                    .doesNotContain(folder.toString());
            flowers.assertAnswers("flowers", 1);
            run("mount", "-o", "remount,rw", mounted.toString());
            soon().untilAsserted(() -> flowers.assertAnswers("flowers?version=2", 2));
        }
    }

    /** Takes all that is left. */
    private Path fill() throws IOException {
        Path filler = mounted.resolve("filler");
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            return filler;
        }
    }

    private static long size(ModelRef sample) throws IOException {
        try (Stream<Path> files = Files.list(SampleModels.folder(sample))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** Where this is not allowed, the test is skipped. */
    private void mount(String options) throws Exception {
        Files.createDirectory(mounted);
        boolean done = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", mounted.toString());
        assumeThat(done).as("mounting is allowed").isTrue();
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
