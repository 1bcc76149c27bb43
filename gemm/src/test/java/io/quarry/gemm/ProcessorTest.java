package io.quarry.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the micro-kernels may be called: elsewhere they would end the process. */
class ProcessorTest {
    @TempDir
    private Path dir;

    private Path cpu(String flags) throws IOException {
        return Files.writeString(dir.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: " + flags + "\nbugs\t\t: none\n");
    }

    @Test
    void takesProcessorsWithBf16() throws IOException {
        Path cpu = cpu("fpu avx512f avx512_bf16");
        assertThat(Processor.obstacle("Linux", "amd64", cpu)).isEmpty();
        assertThat(Processor.obstacle("Linux", "amd64", cpu, "avx512_core_bf16", null)).isEmpty();
        assertThat(Processor.obstacle("Linux", "amd64", cpu("fpu avx512_bf16 amx_tile"), null, "AVX10_1_512_AMX"))
                .isEmpty();
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertThat(Processor.obstacle("Linux", "amd64", cpu("fpu avx2 avx512_bf16x"))).contains(
                "the processor has no avx512_bf16");
        assertThat(Processor.obstacle("Linux", "amd64", cpu("fpu avx512_bf16"), "AVX2").orElseThrow())
                .contains("no more than AVX2");
        assertThat(Processor.obstacle("Mac OS X", "aarch64", dir).orElseThrow()).contains("Mac OS X on aarch64");
        assertThat(Processor.obstacle("Linux", "amd64", dir.resolve("none")).orElseThrow()).contains("not known");
    }
}
