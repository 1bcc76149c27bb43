package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.kernel.KvType;
import picocli.CommandLine.Option;

/** How a model is run. */
final class EngineOptions {
    @Option(names = "--cache", paramLabel = "TYPE", defaultValue = "F16", description = "How keys and values are stored: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    private KvType cache;

    Engine engine(int threads) {
        return Engine.of(threads).with(cache);
    }

    KvType cache() {
        return cache;
    }
}
