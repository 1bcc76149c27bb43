package io.quarry.app;

import io.quarry.infer.Engine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a model is run that people talk to. */
final class RunOptions {
    @Option(names = "--threads", paramLabel = "N", description = "Threads to work with. Default: as many as the machine or container allows")
    private Integer threads;

    @Mixin
    private EngineOptions options;

    Engine engine() {
        return options.with(threads == null ? Engine.all() : Engine.of(threads));
    }
}
