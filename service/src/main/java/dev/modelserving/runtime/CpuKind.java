package dev.modelserving.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells processors apart as far as ONNX Runtime chooses its kernels by them: architecture and vector extensions. */
final class CpuKind {
    /** Under "flags" on x86 and "Features" on ARM (Linux, arch/x86/include/asm/cpufeatures.h, arm64/elf_hwcaps.rst). */
    private static final Pattern FLAGS = Pattern.compile("(?m)^(?:flags|Features)\\s*:(.*)$");

    private static final List<String> EXTENSIONS = List.of(
            "avx",
            "avx2",
            "fma",
            "f16c",
            "avx_vnni",
            "avx_vnni_int8",
            "avx512f",
            "avx512bw",
            "avx512dq",
            "avx512vl",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_int8",
            "amx_bf16",
            "asimd",
            "asimdhp",
            "asimddp",
            "asimdfhm",
            "i8mm",
            "bf16",
            "sve",
            "sve2",
            "sme");

    private CpuKind() {}

    static String here() {
        String architecture = System.getProperty("os.arch", "unknown");
        try {
            return of(architecture, Files.readString(Path.of("/proc/cpuinfo")));
        } catch (IOException e) {
            return architecture;
        }
    }

    /** @param cpuInfo the text of {@code /proc/cpuinfo} */
    static String of(String architecture, String cpuInfo) {
        Matcher flags = FLAGS.matcher(cpuInfo);
        Set<String> known =
                flags.find() ? new HashSet<>(Arrays.asList(flags.group(1).trim().split("\\s+"))) : Set.of();
        StringBuilder kind = new StringBuilder(architecture);
        EXTENSIONS.stream()
                .filter(known::contains)
                .forEach(name -> kind.append(' ').append(name));
        return kind.toString();
    }
}
