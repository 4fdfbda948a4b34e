package dev.modelserving.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuKindTest {
    @Test
    void isTheArchitectureWithItsVectorExtensions() {
        String x86 = """
                processor : 0
                flags     : fpu sse avx512f avx avx2 avx512_vnni sha_ni
                processor : 1
                flags     : fpu
                """;
        assertThat(CpuKind.of("amd64", x86)).isEqualTo("amd64 avx avx2 avx512f avx512_vnni");
        assertThat(CpuKind.of("aarch64", "processor\t: 0\nFeatures\t: fp asimd aes asimddp i8mm\n"))
                .isEqualTo("aarch64 asimd asimddp i8mm");
        assertThat(CpuKind.of("amd64", "vendor_id : nobody\n")).isEqualTo("amd64");
    }

    @Test
    void isKnownHere() {
        assertThat(ThisRuntime.kind().ortVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(ThisRuntime.kind().cpu()).startsWith(System.getProperty("os.arch"));
    }
}
