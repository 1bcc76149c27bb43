package io.quarry.infer;

import io.quarry.kernel.Kernels;

/**
 * How a model is run on this machine.
 *
 * @param kernels    what computes
 * @param threads    threads of a step
 * @param slots      most sequences generated at once
 * @param cacheBytes most memory for key-value caches
 */
public record Engine(Kernels kernels, int threads, int slots, long cacheBytes) {
    public Engine {
        if (threads < 1)
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        if (slots < 1)
            throw new IllegalArgumentException("slots must be at least 1, was " + slots);
        if (cacheBytes < 1)
            throw new IllegalArgumentException("cacheBytes must be at least 1, was " + cacheBytes);
    }

    /** The fastest kernels, so many threads, 128 slots, and a third of the heap for caches. */
    public static Engine of(int threads) {
        return new Engine(Kernels.best(), threads, 128, Runtime.getRuntime().maxMemory() / 3);
    }

    /** All processors that the container may use. */
    public static Engine all() {
        return of(Runtime.getRuntime().availableProcessors());
    }
}
