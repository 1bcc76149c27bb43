package io.quarry.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of float rows with a matrix of halves, as {@link Halves} says. Widening is written out in each loop: a method
 * that returned the vector would make it an object now and then, see {@link Vectors}.
 */
final class HalfTiles {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int LANES = F.length();
    private static final int PANEL = 2 * LANES;
    private static final VectorSpecies<Integer> I = F.withLanes(int.class);
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int HALF = Short.BYTES * LANES;
    /** Of a half three bits down from the top, without copies of its sign. */
    private static final int BITS = 0x8fffffff;

    private HalfTiles() {}

    /**
     * {@code sums[r, c] = sum over k < in of x[r, k] w[k, c]} for two registers of columns c, summed in the order of k with
     * fused multiply-add. Rows of sums are two registers wide; up to three more than asked for are written.
     *
     * @param xStride numbers between two rows of x
     * @param w       address of the matrix
     * @param wStride bytes between two rows of w
     */
    static void product(float[] x, int xAt, int xStride, int rows, long w, long wStride, int in,
            float[] sums) {
        int r = 0;
        while (r < rows) {
            int left = rows - r;
            int from = xAt + r * xStride;
            if (left == 1) {
                tile1(x, from, w, wStride, in, sums, r * PANEL);
                r++;
            } else if (left % 5 == 0 || left == 6) {
                tile5(x, from, xStride, w, wStride, in, sums, r * PANEL);
                r += 5;
            } else {
                tile4(x, from, xStride, w, wStride, in, sums, r * PANEL, Math.min(4, left));
                r += 4;
            }
        }
    }

    private static void tile5(float[] x, int r0, int stride, long w, long wStride, int in,
            float[] sums, int at) {
        FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0, a4 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0;
        int r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride, r4 = r3 + stride;
        for (int k = 0; k < in; k++) {
            FloatVector wa = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector wb = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride + HALF, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector v = Vectors.FLOATS.broadcast(x[r0 + k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[r1 + k]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Vectors.FLOATS.broadcast(x[r2 + k]);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Vectors.FLOATS.broadcast(x[r3 + k]);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
            v = Vectors.FLOATS.broadcast(x[r4 + k]);
            a4 = v.fma(wa, a4);
            b4 = v.fma(wb, b4);
        }
        a0.intoArray(sums, at);
        b0.intoArray(sums, at + LANES);
        a1.intoArray(sums, at + PANEL);
        b1.intoArray(sums, at + PANEL + LANES);
        a2.intoArray(sums, at + 2 * PANEL);
        b2.intoArray(sums, at + 2 * PANEL + LANES);
        a3.intoArray(sums, at + 3 * PANEL);
        b3.intoArray(sums, at + 3 * PANEL + LANES);
        a4.intoArray(sums, at + 4 * PANEL);
        b4.intoArray(sums, at + 4 * PANEL + LANES);
    }

    /** Two to four rows; where some are missing, the last is computed again, which costs nothing: adding has to wait. */
    private static void tile4(float[] x, int r0, int stride, long w, long wStride, int in,
            float[] sums, int at, int rows) {
        FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        int r1 = r0 + stride, r2 = rows > 2 ? r1 + stride : r1, r3 = rows > 3 ? r2 + stride : r2;
        for (int k = 0; k < in; k++) {
            FloatVector wa = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector wb = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride + HALF, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector v = Vectors.FLOATS.broadcast(x[r0 + k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[r1 + k]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Vectors.FLOATS.broadcast(x[r2 + k]);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Vectors.FLOATS.broadcast(x[r3 + k]);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
        }
        a0.intoArray(sums, at);
        b0.intoArray(sums, at + LANES);
        a1.intoArray(sums, at + PANEL);
        b1.intoArray(sums, at + PANEL + LANES);
        a2.intoArray(sums, at + 2 * PANEL);
        b2.intoArray(sums, at + 2 * PANEL + LANES);
        a3.intoArray(sums, at + 3 * PANEL);
        b3.intoArray(sums, at + 3 * PANEL + LANES);
    }

    private static void tile1(float[] x, int r0, long w, long wStride, int in, float[] sums,
            int at) {
        FloatVector a = FloatVector.zero(F), b = a;
        for (int k = 0; k < in; k++) {
            FloatVector wa = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector wb = ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, w + k * wStride + HALF, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats();
            FloatVector v = Vectors.FLOATS.broadcast(x[r0 + k]);
            a = v.fma(wa, a);
            b = v.fma(wb, b);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + LANES);
    }

    /** Halves as floats, times 2^-112: {@code n} of them, whole registers. */
    static void widen(long from, int n, long to) {
        for (int i = 0; i < n; i += LANES)
            ((IntVector) ShortVector.fromMemorySegment(S, Memory.ALL, from + 2L * i, ORDER)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 13).and(BITS)
                    .reinterpretAsFloats().intoMemorySegment(Memory.ALL, to + 4L * i, ORDER);
    }
}
