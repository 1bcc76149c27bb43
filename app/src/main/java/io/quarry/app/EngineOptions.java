package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.kernel.KvType;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a model is run. */
final class EngineOptions {
    @Option(names = "--cache", paramLabel = "TYPE", defaultValue = "F16", description = "How keys and values are stored: ${COMPLETION-CANDIDATES}; Q8 takes 0.56 of the memory of F16. Default: ${DEFAULT-VALUE}")
    private KvType cache;

    @Mixin
    private GemmOption gemm;

    Engine with(Engine engine) {
        return gemm.with(engine.with(cache));
    }

    KvType cache() {
        return cache;
    }
}
