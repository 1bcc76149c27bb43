package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The definition of attention on pages: plain loops. */
final class ScalarAttention implements AttentionKernels {
    static final ScalarAttention INSTANCE = new ScalarAttention();

    private static final int SLOTS = KvLayout.SLOTS;
    private static final int BLOCK = KvLayout.BLOCK;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private ScalarAttention() {}

    @Override
    public void store(KvLayout layout, MemorySegment page, long at, int slot, float[] x, int key, int value) {
        int size = layout.headDim();
        long values = at + layout.values();
        switch (layout.type()) {
            case F32 -> {
                for (int d = 0; d < size; d++) {
                    page.set(FLOAT, at + 4L * (d * SLOTS + slot), x[key + d]);
                    page.set(FLOAT, values + 4L * (slot * layout.width() + d), x[value + d]);
                }
            }
            case F16 -> {
                for (int d = 0; d < size; d++) {
                    page.set(SHORT, at + 2L * (d * SLOTS + slot), Halves.of(x[key + d]));
                    page.set(SHORT, values + 2L * (slot * layout.width() + d), Halves.of(x[value + d]));
                }
            }
            case Q8 -> {
                for (int b = 0; b < layout.blocks(); b++) {
                    int first = b * BLOCK;
                    int n = Math.min(BLOCK, size - first);
                    eights(x, key + first, n, page, at + (long) first * SLOTS + slot, SLOTS,
                            at + layout.keyScales() + 4L * (b * SLOTS + slot));
                    eights(x, value + first, n, page, values + (long) slot * layout.width() + first, 1,
                            at + layout.valueScales() + 4L * (b * SLOTS + slot));
                }
            }
        }
    }

    /** Stores numbers that share a scale, so that the largest becomes 127. */
    private static void eights(float[] x, int from, int n, MemorySegment page, long to, int step, long scaleAt) {
        float most = 0;
        for (int i = from; i < from + n; i++)
            most = Math.max(most, Math.abs(x[i]));
        float scale = most / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        page.set(FLOAT, scaleAt, scale);
        for (int i = 0; i < n; i++)
            page.set(BYTE, to + (long) i * step, (byte) Math.rint(x[from + i] * inverse));
    }

    @Override
    public void query(KvLayout layout, float[] x, int xAt, float[] query, int to) {
        float partner = layout.type() == KvType.F16 ? Halves.PARTNER : 1;
        for (int d = 0; d < layout.headDim(); d++)
            query[to + d] = x[xAt + d] * partner;
    }

    @Override
    public void scores(KvLayout layout, MemorySegment page, long at, float[] queries, int rows, float[] scores,
            int scoresAt, int stride, AttentionSpare spare) {
        int size = layout.headDim();
        int block = layout.type() == KvType.Q8 ? BLOCK : size;
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < SLOTS; j++) {
                float score = 0;
                for (int first = 0; first < size; first += block) {
                    float sum = 0;
                    for (int d = first; d < Math.min(size, first + block); d++)
                        sum = Math.fma(queries[r * size + d], number(layout, page, at, d * SLOTS + j), sum);
                    score = Math.fma(sum, scale(layout, page, at + layout.keyScales(), first / BLOCK, j), score);
                }
                scores[scoresAt + r * stride + j] = score;
            }
    }

    @Override
    public void gather(KvLayout layout, MemorySegment page, long at, int slots, float[] weights, int weightsAt,
            int stride, int rows, float[] out, AttentionSpare spare) {
        int width = layout.width();
        long scales = at + layout.valueScales();
        for (int r = 0; r < rows; r++)
            for (int d = 0; d < width; d++) {
                float sum = 0;
                for (int j = 0; j < slots; j++) {
                    float factor = switch (layout.type()) {
                        case F32 -> 1;
                        case F16 -> Halves.PARTNER;
                        case Q8 -> scale(layout, page, scales, d / BLOCK, j);
                    };
                    sum = Math.fma(weights[weightsAt + r * stride + j] * factor,
                            number(layout, page, at + layout.values(), j * width + d), sum);
                }
                float result = layout.type() == KvType.F16 ? Halves.RESULT : 1;
                out[r * width + d] = Math.fma(sum, result, out[r * width + d]);
            }
    }

    private static float number(KvLayout layout, MemorySegment page, long at, int index) {
        return switch (layout.type()) {
            case F32 -> page.get(FLOAT, at + 4L * index);
            case F16 -> Halves.raw(page.get(SHORT, at + 2L * index));
            case Q8 -> page.get(BYTE, at + index);
        };
    }

    /** What a sum over a block of 32 components is multiplied by. */
    private static float scale(KvLayout layout, MemorySegment page, long scales, int block, int slot) {
        return switch (layout.type()) {
            case F32 -> 1;
            case F16 -> Halves.RESULT;
            case Q8 -> page.get(FLOAT, scales + 4L * (block * SLOTS + slot));
        };
    }

    @Override
    public double weigh(float[] x, int at, int n, float most, float scale, AttentionSpare spare) {
        return Kernels.scalar().exp(x, at, most, scale, x, at, n);
    }

    @Override
    public void softCap(float[] x, int at, int n, float scale, float cap, AttentionSpare spare) {
        for (int i = at; i < at + n; i++)
            x[i] = cap * (float) Math.tanh(x[i] * scale / cap);
    }
}
