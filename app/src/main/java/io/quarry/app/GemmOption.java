package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.kernel.NativeGemm;
import java.util.Locale;
import picocli.CommandLine.Option;

/** What multiplies the rows of prompts. Never native unless asked for: its results differ in the last digits. */
final class GemmOption {
    @Option(names = "--gemm", paramLabel = "java|native", defaultValue = "java", description = "What multiplies long prompts: java, or native, which is LibTorch in bf16: faster where the processor has bf16, and close to the same. Default: ${DEFAULT-VALUE}")
    private String gemm;

    /** The engine with what was asked for. */
    Engine with(Engine engine) {
        return switch (gemm.toLowerCase(Locale.ROOT)) {
            case "java" -> engine;
            case "native" -> engine.with(NativeGemm.find().orElseThrow(() -> new IllegalArgumentException(
                    "there is no native matrix product on the class path; quarry-gemm has one")));
            default -> throw new IllegalArgumentException("--gemm must be java or native, was " + gemm);
        };
    }
}
