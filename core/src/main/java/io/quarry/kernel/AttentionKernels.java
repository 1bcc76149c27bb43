package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The arithmetic of attention on pages of keys and values. {@link ScalarAttention} is the definition;
 * {@link VectorAttention} is the same with the Vector API, to the bit but for {@link #weigh} and {@link #softCap}.
 *
 * <p>A result of one row depends on that row and on the page alone, bit for bit, whatever stands beside it; no method
 * allocates. {@code at} is the byte at which the block of a head begins in a page, see {@link KvLayout}.
 */
public sealed interface AttentionKernels permits ScalarAttention, VectorAttention {
    /** Those that belong to {@code kernels}: scalar to scalar, vector to vector. */
    static AttentionKernels of(Kernels kernels) {
        return switch (kernels) {
            case ScalarKernels _ -> ScalarAttention.INSTANCE;
            case VectorKernels _ -> VectorAttention.INSTANCE;
        };
    }

    /** Stores {@code headDim} numbers of a key and of a value, which begin at {@code key} and {@code value} of x. */
    void store(KvLayout layout, MemorySegment page, long at, int slot, float[] x, int key, int value);

    /** Copies a query of {@code headDim} numbers in the form that {@link #scores} takes. */
    void query(KvLayout layout, float[] x, int xAt, float[] query, int to);

    /**
     * {@code scores[r, j] = query r . key j} for all slots j of a block, summed in the order of components within each
     * 32 of them.
     *
     * @param queries {@code [rows, headDim]}, from {@link #query}
     * @param scores  rows are {@code stride} apart
     */
    void scores(KvLayout layout, MemorySegment page, long at, float[] queries, int rows, float[] scores, int scoresAt,
            int stride, AttentionSpare spare);

    /**
     * {@code out[r] += sum over j < slots of weights[r, j] value j}, the sum taken in the order of slots, then added.
     *
     * @param weights rows are {@code stride} apart
     * @param out     {@code [rows, width]}
     */
    void gather(KvLayout layout, MemorySegment page, long at, int slots, float[] weights, int weightsAt, int stride,
            int rows, float[] out, AttentionSpare spare);

    /**
     * Turns scores to weights in place, {@code exp((x - most) * scale)}, and returns their sum. What lies below about -87
     * becomes 0.
     *
     * @param n a multiple of {@link KvLayout#SLOTS}
     */
    double weigh(float[] x, int at, int n, float most, float scale, AttentionSpare spare);

    /** {@code x = cap * tanh(x * scale / cap)} over {@code n} numbers. */
    void softCap(float[] x, int at, int n, float scale, float cap, AttentionSpare spare);
}
