package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The folder that the image is built from, and that the CDK app uploads. What is in it for ARM64 can only be looked at: no
 * such machine is at hand where these tests run.
 */
class ImageFolderIT {
    private static final Path FOLDER = ServiceProcess.jar().resolveSibling("image");
    private static final int ELF_MACHINE = 18;

    /** The numbers are e_machine of elf.h: EM_X86_64 and EM_AARCH64. */
    @ParameterizedTest
    @CsvSource({"amd64, 62", "arm64, 183"})
    void hasTheNativeLibrariesOfBothArchitectures(String architecture, int machine) throws Exception {
        Path natives = FOLDER.resolve("natives").resolve(architecture);
        assertThat(names(natives))
                .satisfiesExactly(
                        jna -> assertThat(jna).isEqualTo("libjnidispatch.so"),
                        epoll -> assertThat(epoll).matches("libnetty_transport_native_epoll_(x86|aarch)_64\\.so"),
                        onnxRuntime -> assertThat(onnxRuntime).isEqualTo("libonnxruntime.so"),
                        jni -> assertThat(jni).isEqualTo("libonnxruntime4j_jni.so"));
        for (String name : names(natives)) {
            ByteBuffer head =
                    ByteBuffer.wrap(Files.readAllBytes(natives.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(head.getInt(0)).isEqualTo(0x464C457F); // "\x7fELF"
            assertThat(head.getShort(ELF_MACHINE)).as(name).isEqualTo((short) machine);
        }
    }

    @Test
    void namesNoArchitectureInTheDockerfile() throws Exception {
        assertThat(FOLDER.resolve("Dockerfile"))
                .content()
                .doesNotContainPattern("(?i)amd64|x86|x64|arm64|aarch64")
                .doesNotContain("apt-get", "curl", "://");
    }

    @Test
    void holdsTheJarThatWasTestedAndItsLibraries() throws Exception {
        assertThat(FOLDER.resolve("app/model-serving.jar")).hasSameBinaryContentAs(ServiceProcess.jar());
        assertThat(names(FOLDER.resolve("app/lib")))
                .isEqualTo(names(ServiceProcess.jar().resolveSibling("lib")));
    }

    @Test
    void hasOnnxRuntimesClassesWithoutTheLibrariesOfOtherPlatforms() throws Exception {
        Path lib = FOLDER.resolve("app/lib");
        Path onnxruntime = names(lib).stream()
                .filter(name -> name.startsWith("onnxruntime-"))
                .map(lib::resolve)
                .findFirst()
                .orElseThrow();
        try (JarFile jar = new JarFile(onnxruntime.toFile())) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .anyMatch("ai/onnxruntime/OrtSession.class"::equals)
                    .anyMatch("ThirdPartyNotices.txt"::equals)
                    .noneMatch(name -> name.contains("/native/"));
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
