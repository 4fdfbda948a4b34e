package dev.modelserving.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class OrtLibraryTest {
    @TempDir
    Path folder;

    @Test
    void isUnpackedOnce() throws IOException {
        Path first = unpack();
        Object written = key(first);

        assertThat(unpack()).isEqualTo(first);
        assertThat(key(first)).isEqualTo(written);
        assertThat(first.resolve("libonnxruntime.so")).isRegularFile();
        assertThat(first.resolve("libonnxruntime4j_jni.so")).isRegularFile();
    }

    @Test
    void isUnpackedAgainWhenAByteOfItIsWrong() throws IOException {
        Path library = unpack();
        byte[] right = Files.readAllBytes(library.resolve("libonnxruntime4j_jni.so"));
        byte[] wrong = right.clone();
        wrong[wrong.length / 2] ^= 1;
        Files.write(library.resolve("libonnxruntime4j_jni.so"), wrong);

        assertThat(unpack().resolve("libonnxruntime4j_jni.so")).hasBinaryContent(right);
    }

    @Test
    void isUnpackedAgainWhenItIsCutOff() throws IOException {
        Path file = unpack().resolve("libonnxruntime.so");
        long size = Files.size(file);
        Files.write(file, new byte[10], StandardOpenOption.TRUNCATE_EXISTING);

        assertThat(unpack().resolve("libonnxruntime.so")).hasSize(size);
    }

    @Test
    void isUnpackedAgainWhenAFileIsMissingOrIsALink() throws IOException {
        Path library = unpack();
        Path aside = Files.createDirectory(folder.resolve("aside"));
        Files.move(library.resolve("libonnxruntime.so"), aside.resolve("libonnxruntime.so"));
        Files.createSymbolicLink(library.resolve("libonnxruntime.so"), aside.resolve("libonnxruntime.so"));
        Files.delete(library.resolve("libonnxruntime4j_jni.so"));

        assertThat(unpack().resolve("libonnxruntime.so"))
                .satisfies(file -> assertThat(Files.isSymbolicLink(file)).isFalse());
        assertThat(library.resolve("libonnxruntime4j_jni.so")).isRegularFile();
        assertThat(aside.resolve("libonnxruntime.so")).isRegularFile();
    }

    @Test
    void isUnpackedAgainWhenOthersCouldHaveWrittenIt() throws IOException {
        Path file = unpack().resolve("libonnxruntime.so");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThat(Files.getPosixFilePermissions(unpack().resolve("libonnxruntime.so")))
                .doesNotContainAnyElementsOf(PosixFilePermissions.fromString("----w--w-"));
    }

    @Test
    void isNotKeptWhereOthersMayWrite() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(OrtLibrary.unpacked(folder)).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void isUnpackedByManyAtTheSameTime() throws Exception {
        List<Callable<Optional<Path>>> starts = new ArrayList<>();
        for (int start = 0; start < 8; start++) {
            starts.add(() -> OrtLibrary.unpacked(folder));
        }
        ExecutorService threads = Executors.newFixedThreadPool(starts.size());
        try {
            for (Future<Optional<Path>> found : threads.invokeAll(starts)) {
                assertThat(found.get()).contains(unpack());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Leaves nothing else behind. */
    private Path unpack() throws IOException {
        Path library = OrtLibrary.unpacked(folder).orElseThrow();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(".partial-"));
        }
        return library;
    }

    private static Object key(Path library) throws IOException {
        return Files.getAttribute(library.resolve("libonnxruntime.so"), "unix:ino");
    }
}
