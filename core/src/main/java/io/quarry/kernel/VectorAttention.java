package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention on pages with the Vector API. Few rows, as when one token is decoded, take numbers in the form they are
 * stored, so that memory is read once and nothing is written; many rows, as in a prompt, have the block widened to
 * floats first, which they share. Both compute the same.
 */
final class VectorAttention implements AttentionKernels {
    static final VectorAttention INSTANCE = new VectorAttention();

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int LANES = F.length();
    private static final int PANEL = 2 * LANES;
    private static final int SLOTS = KvLayout.SLOTS;
    private static final int BLOCK = KvLayout.BLOCK;
    /** Rows from which on a block is widened first. */
    private static final int MANY = 16;

    private VectorAttention() {}

    @Override
    public void store(KvLayout layout, MemorySegment page, long at, int slot, float[] x, int key, int value) {
        ScalarAttention.INSTANCE.store(layout, page, at, slot, x, key, value); // a key's numbers lie far apart anyway
    }

    @Override
    public void query(KvLayout layout, float[] x, int xAt, float[] query, int to) {
        ScalarAttention.INSTANCE.query(layout, x, xAt, query, to);
    }

    @Override
    public void scores(KvLayout layout, MemorySegment page, long at, float[] queries, int rows, float[] scores,
            int scoresAt, int stride, AttentionSpare spare) {
        int size = layout.headDim();
        long keys = page.address() + at;
        long widened = spare.wide.address();
        for (int r = 0; r < rows; r++)
            zero(scores, scoresAt + r * stride, SLOTS);
        boolean wide = rows >= MANY && layout.type() != KvType.F32;
        if (wide)
            widen(layout.type(), keys, size * SLOTS, widened);
        for (int c = 0; c < SLOTS; c += PANEL)
            switch (layout.type()) {
                case F32 -> {
                    FloatTiles.product(queries, 0, size, rows, keys + 4L * c, 4 * SLOTS, size, spare.sums);
                    add(spare.sums, rows, spare.ones, 0, scores, scoresAt + c, stride);
                }
                case F16 -> {
                    if (wide)
                        FloatTiles.product(queries, 0, size, rows, widened + 4L * c, 4 * SLOTS, size, spare.sums);
                    else
                        HalfTiles.product(queries, 0, size, rows, keys + 2L * c, 2 * SLOTS, size, spare.sums);
                    add(spare.sums, rows, spare.halves, 0, scores, scoresAt + c, stride);
                }
                case Q8 -> {
                    for (int first = 0; first < size; first += BLOCK) {
                        int in = Math.min(BLOCK, size - first);
                        if (wide)
                            FloatTiles.product(queries, first, size, rows, widened + 4L * (first * SLOTS + c),
                                    4 * SLOTS, in, spare.sums);
                        else
                            ByteTiles.product(queries, first, size, rows, keys + first * SLOTS + c, SLOTS, in,
                                    spare.sums);
                        add(spare.sums, rows, page, at + layout.keyScales() + 4L * (first / BLOCK * SLOTS + c), scores,
                                scoresAt + c, stride);
                    }
                }
            }
        held(page, spare);
    }

    @Override
    public void gather(KvLayout layout, MemorySegment page, long at, int slots, float[] weights, int weightsAt,
            int stride, int rows, float[] out, AttentionSpare spare) {
        int width = layout.width();
        long values = page.address() + at + layout.values();
        long widened = spare.wide.address();
        boolean wide = rows >= MANY && layout.type() != KvType.F32;
        if (wide)
            widen(layout.type(), values, slots * width, widened);
        float[] factored = spare.weights;
        if (layout.type() == KvType.F16)
            for (int r = 0; r < rows; r++)
                multiply(weights, weightsAt + r * stride, slots, factored, r * SLOTS);
        for (int c = 0; c < width; c += PANEL) {
            switch (layout.type()) {
                case F32 -> FloatTiles.product(weights, weightsAt, stride, rows, values + 4L * c, 4L * width,
                        slots, spare.sums);
                case F16 -> {
                    if (wide)
                        FloatTiles.product(factored, 0, SLOTS, rows, widened + 4L * c, 4L * width, slots, spare.sums);
                    else
                        HalfTiles.product(factored, 0, SLOTS, rows, values + 2L * c, 2L * width, slots,
                                spare.sums);
                }
                case Q8 -> {
                    if (c % BLOCK == 0)
                        for (int r = 0; r < rows; r++)
                            multiply(weights, weightsAt + r * stride, slots, page,
                                    at + layout.valueScales() + 4L * (c / BLOCK * SLOTS), factored, r * SLOTS);
                    if (wide)
                        FloatTiles.product(factored, 0, SLOTS, rows, widened + 4L * c, 4L * width, slots, spare.sums);
                    else
                        ByteTiles.product(factored, 0, SLOTS, rows, values + c, width, slots, spare.sums);
                }
            }
            add(spare.sums, rows, layout.type() == KvType.F16 ? spare.halves : spare.ones, 0, out, c, width);
        }
        held(page, spare);
    }

    /** What is read at its addresses must not be freed before, even if nobody else holds it. */
    private static void held(MemorySegment page, AttentionSpare spare) {
        Reference.reachabilityFence(page);
        Reference.reachabilityFence(spare);
    }

    /** {@code y[r, c] += s[c] * sums[r, c]} for two registers of columns. Not in the tiles: they are long enough. */
    private static void add(float[] sums, int rows, MemorySegment s, long sAt, float[] y, int yAt, int yStride) {
        FloatVector sa = FloatVector.fromMemorySegment(F, s, sAt, ORDER);
        FloatVector sb = FloatVector.fromMemorySegment(F, s, sAt + Float.BYTES * LANES, ORDER);
        for (int r = 0; r < rows; r++) {
            int from = r * PANEL;
            int to = yAt + r * yStride;
            sa.fma(FloatVector.fromArray(F, sums, from), FloatVector.fromArray(F, y, to)).intoArray(y, to);
            sb.fma(FloatVector.fromArray(F, sums, from + LANES), FloatVector.fromArray(F, y, to + LANES)).intoArray(y,
                    to + LANES);
        }
    }

    private static void zero(float[] x, int at, int n) {
        for (int i = 0; i < n; i += LANES)
            FloatVector.zero(F).intoArray(x, at + i);
    }

    /** Weights of a block times {@link Halves#PARTNER}; whole registers, because rows are {@code SLOTS} long. */
    private static void multiply(float[] weights, int from, int n, float[] to, int at) {
        for (int i = 0; i < n; i += LANES)
            FloatVector.fromArray(F, weights, from + i).mul(Halves.PARTNER).intoArray(to, at + i);
    }

    private static void multiply(float[] weights, int from, int n, MemorySegment scales, long scalesAt, float[] to,
            int at) {
        for (int i = 0; i < n; i += LANES)
            FloatVector.fromArray(F, weights, from + i)
                    .mul(FloatVector.fromMemorySegment(F, scales, scalesAt + 4L * i, ORDER)).intoArray(to, at + i);
    }

    /** {@code n} numbers, a multiple of {@code BLOCK}, as floats. */
    private static void widen(KvType type, long from, int n, long to) {
        if (type == KvType.F16)
            HalfTiles.widen(from, n, to);
        else
            ByteTiles.widen(from, n, to);
    }

    @Override
    public double weigh(float[] x, int at, int n, float most, float scale, AttentionSpare spare) {
        VectorKernels.exps(x, at, most, scale, x, at, n);
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < n; i += LANES)
            sums = FloatVector.fromArray(F, x, at + i).add(sums);
        sums.intoArray(spare.lanes, 0);
        double sum = 0;
        for (int i = 0; i < LANES; i++)
            sum += spare.lanes[i];
        return sum;
    }

    @Override
    public void softCap(float[] x, int at, int n, float scale, float cap, AttentionSpare spare) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += SLOTS) {
            int piece = Math.min(SLOTS, end - i);
            VectorKernels.exps(x, at + i, 0, 2 * (scale / cap), spare.weights, 0, piece);
            tanh(x, at + i, scale / cap, cap, spare.weights, piece);
        }
        for (int i = end; i < n; i++)
            x[at + i] = cap * (float) Math.tanh(x[at + i] * (scale / cap));
    }

    /**
     * {@code x = cap * tanh(v)} with {@code v = factor * x}, within 1e-6 of tanh: its series up to 1/4, {@code 1 - 2 /
     * (e^2v + 1)} beyond.
     *
     * @param exps e^2v
     */
    private static void tanh(float[] x, int at, float factor, float cap, float[] exps, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i).mul(factor);
            FloatVector square = v.mul(v);
            FloatVector series = square.fma(Vectors.FLOATS.broadcast(-17f / 315), Vectors.FLOATS.broadcast(2f / 15));
            series = square.fma(series, Vectors.FLOATS.broadcast(-1f / 3));
            series = square.mul(v).fma(series, v);
            FloatVector whole = Vectors.FLOATS.broadcast(1).sub(
                    Vectors.FLOATS.broadcast(2).div(FloatVector.fromArray(F, exps, i).add(1)));
            whole.blend(series, square.compare(VectorOperators.LT, 1f / 16)).mul(cap).intoArray(x, at + i);
        }
    }
}
