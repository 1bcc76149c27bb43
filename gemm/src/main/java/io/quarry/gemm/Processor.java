package io.quarry.gemm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether this machine's processor has what the micro-kernels need. It must be known before they are called: they report
 * what they lack by a C++ exception, which would end the process.
 */
final class Processor {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Why the micro-kernels cannot be used here, as a part of a sentence; empty if they can. */
    static Optional<String> obstacle() {
        return obstacle(System.getProperty("os.name"), System.getProperty("os.arch"), CPUINFO,
                System.getenv("ONEDNN_MAX_CPU_ISA"), System.getenv("DNNL_MAX_CPU_ISA"));
    }

    /** The same for a machine that is described; limits are what users may have set for oneDNN, or null. */
    static Optional<String> obstacle(String os, String arch, Path cpuinfo, String... limits) {
        if (!os.equals("Linux") || !arch.equals("amd64"))
            return Optional.of("its kernels are for Linux on x86-64, and this is " + os + " on " + arch);
        for (String limit : limits)
            if (limit != null && Stream.of("BF16", "FP16", "AMX", "ALL", "DEFAULT")
                    .noneMatch(limit.toUpperCase(Locale.ROOT)::contains))
                return Optional.of("oneDNN may use no more than " + limit + " (ONEDNN_MAX_CPU_ISA), which has no bf16");
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            String flags = lines.filter(line -> line.startsWith("flags")).findFirst().orElse("") + " ";
            return flags.contains(" avx512_bf16 ")
                    ? Optional.empty()
                    : Optional.of("the processor has no avx512_bf16");
        } catch (IOException e) {
            return Optional.of("it is not known what the processor has: " + e);
        }
    }
}
