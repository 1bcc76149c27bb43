package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.kernel.NativeGemm;

/**
 * How a model is run on this machine.
 *
 * @param kernels    what computes
 * @param threads    threads of a step
 * @param slots      most sequences generated at once
 * @param cacheBytes most memory for keys and values, outside the heap; taken page by page as texts need it, and kept.
 *                   {@link #WHAT_IS_LEFT} by default
 * @param cache      how keys and values are stored
 * @param gemm       what multiplies where a step has many rows, or null: the kernels alone. With it the rows of prompts
 *                   are computed in bf16, so the last digits of a result depend on how many rows were computed at once
 */
public record Engine(Kernels kernels, int threads, int slots, long cacheBytes, KvType cache, NativeGemm gemm) {
    /**
     * Memory for keys and values as the machine or the container has it: one text of the model's whole context, or a quarter
     * of all memory where that is more, but never so much that weights and cache take over 80 %.
     */
    public static final long WHAT_IS_LEFT = Long.MAX_VALUE;

    public Engine {
        if (threads < 1)
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        if (slots < 1)
            throw new IllegalArgumentException("slots must be at least 1, was " + slots);
        if (cacheBytes < 1)
            throw new IllegalArgumentException("cacheBytes must be at least 1, was " + cacheBytes);
    }

    /** One of the kernels alone. */
    public Engine(Kernels kernels, int threads, int slots, long cacheBytes, KvType cache) {
        this(kernels, threads, slots, cacheBytes, cache, null);
    }

    /** One that stores keys and values as computed. */
    public Engine(Kernels kernels, int threads, int slots, long cacheBytes) {
        this(kernels, threads, slots, cacheBytes, KvType.F32);
    }

    /** The fastest kernels, so many threads, 128 slots, and what is left of the memory for caches of halves. */
    public static Engine of(int threads) {
        return new Engine(Kernels.best(), threads, 128, WHAT_IS_LEFT, KvType.F16);
    }

    /** All processors that the machine has, or as many as the container's quota allows. */
    public static Engine all() {
        return of(Machine.here().processors());
    }

    /** The same with keys and values stored in another way. */
    public Engine with(KvType type) {
        return new Engine(kernels, threads, slots, cacheBytes, type, gemm);
    }

    /** The same with another limit for the memory of keys and values. */
    public Engine withCacheBytes(long bytes) {
        return new Engine(kernels, threads, slots, bytes, cache, gemm);
    }

    /** The same, with prompts multiplied by a native library; see {@link NativeGemm#find}. */
    public Engine with(NativeGemm library) {
        return new Engine(kernels, threads, slots, cacheBytes, cache, library);
    }

    /** What computes, for people: for instance {@code vector-512}, or {@code vector-512 + LibTorch bf16}. */
    public String name() {
        return kernels.name() + (gemm == null || gemm.failed() ? "" : " + " + gemm.name());
    }
}
