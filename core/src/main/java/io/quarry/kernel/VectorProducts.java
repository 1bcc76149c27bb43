package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of whole numbers as floats: exact below 2^24, so they give the same bits as {@link VectorSums} and its scaling.
 * Weights are unpacked once for many rows; then there is nothing in the loop but fused multiply-add, which processors
 * differ in how much faster they do than the multiplication and addition of 16-bit numbers.
 */
final class VectorProducts {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final int LANES = F.length();
    private static final int PANEL = Matrix.PANEL;
    /** Bytes from one row of floats to the next, of a strip of them, and from one register of them to the next. */
    private static final long ROW = 4L * PANEL;
    private static final long STRIP_ROW = 4L * Matrix.STRIP;
    private static final long NEXT = 4L * LANES;
    /** Bits of the float 2^39, whose last bit is worth 65,536. */
    private static final int BASE = 0x53000000;

    private VectorProducts() {}

    /** See {@link BlockKernels#unpack}. */
    static void unpack(int low, long words, long stream, long lowWords, int n, long to) {
        float middle = 0x1p39f + 65536f * (8 << low);
        for (int pair = 0; pair < PANEL / 2; pair += LANES) {
            long strip = VectorWide.strips(pair, STRIP_ROW * n);
            for (int k = 0; k < n; k += 4) {
                long lower = lowWords + (k * low >> 4) * 2L * PANEL + 4 * pair;
                quad(low, words + (k >> 2 & 3) * stream + k / 16 * 2L * PANEL + 4 * pair, lower, k * low & 15, middle,
                        to + k * STRIP_ROW + strip);
            }
        }
    }

    /** Four inputs of two registers of outputs, which are the halves of a register of pairs. */
    private static void quad(int low, long words, long lowWords, int start, float middle, long to) {
        IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, words, Memory.LITTLE);
        IntVector l = low == 0
                ? IntVector.zero(I)
                : IntVector.fromMemorySegment(I, Memory.ALL, lowWords, Memory.LITTLE).lanewise(VectorOperators.LSHR,
                        start);
        int mask = (1 << low) - 1;
        int upper = 15 << low;
        long at = to;
        for (int i = 0; i < 4; i++, at += STRIP_ROW) {
            IntVector q = v.lanewise(VectorOperators.LSHL, low).and(upper).or(l.and(mask));
            q.or(BASE).reinterpretAsFloats().sub(middle).intoMemorySegment(Memory.ALL, at, Memory.LITTLE);
            q = v.lanewise(VectorOperators.LSHR, 16 - low).and(upper)
                    .or(l.lanewise(VectorOperators.LSHR, 16).and(mask));
            q.or(BASE).reinterpretAsFloats().sub(middle).intoMemorySegment(Memory.ALL, at + 64, Memory.LITTLE);
            v = v.lanewise(VectorOperators.LSHR, 4);
            l = l.lanewise(VectorOperators.LSHR, low);
        }
    }

    /** See {@link BlockKernels#products}. */
    static void eight(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt,
            int per,
            long y) {
        for (int column = 0; column < Matrix.STRIP; column += 2 * LANES)
            eightRows(w + 4 * column, groups, group, x, xAt, scales + 4 * column, steps, stepsAt, per, y + 4 * column);
    }

    private static void eightRows(long from, int groups, int group, float[] x, int xAt, long scales, float[] steps,
            int stepsAt, int per, long y) {
        int k = xAt;
        long w = from;
        for (int g = 0; g < groups; g++) {
            FloatVector a0 = FloatVector.zero(F), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0,
                    a4 = a0, b4 = a0, a5 = a0, b5 = a0, a6 = a0, b6 = a0, a7 = a0, b7 = a0;
            for (int i = 0; i < group; i++, k += 8, w += STRIP_ROW) {
                FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
                FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
                FloatVector v = FloatVector.broadcast(F, x[k + 0]);
                a0 = v.fma(wa, a0);
                b0 = v.fma(wb, b0);
                v = FloatVector.broadcast(F, x[k + 1]);
                a1 = v.fma(wa, a1);
                b1 = v.fma(wb, b1);
                v = FloatVector.broadcast(F, x[k + 2]);
                a2 = v.fma(wa, a2);
                b2 = v.fma(wb, b2);
                v = FloatVector.broadcast(F, x[k + 3]);
                a3 = v.fma(wa, a3);
                b3 = v.fma(wb, b3);
                v = FloatVector.broadcast(F, x[k + 4]);
                a4 = v.fma(wa, a4);
                b4 = v.fma(wb, b4);
                v = FloatVector.broadcast(F, x[k + 5]);
                a5 = v.fma(wa, a5);
                b5 = v.fma(wb, b5);
                v = FloatVector.broadcast(F, x[k + 6]);
                a6 = v.fma(wa, a6);
                b6 = v.fma(wb, b6);
                v = FloatVector.broadcast(F, x[k + 7]);
                a7 = v.fma(wa, a7);
                b7 = v.fma(wb, b7);
            }
            FloatVector sa = FloatVector.fromMemorySegment(F, Memory.ALL, scales + g * ROW, Memory.LITTLE);
            FloatVector sb = FloatVector.fromMemorySegment(F, Memory.ALL, scales + g * ROW + NEXT, Memory.LITTLE);
            int s = stepsAt + g / per * 8;
            FloatVector v = FloatVector.broadcast(F, steps[s + 0]);
            a0.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y, Memory.LITTLE);
            b0.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 1]);
            a1.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + ROW, Memory.LITTLE);
            b1.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 2]);
            a2.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 2 * ROW, Memory.LITTLE);
            b2.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 2 * ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 3]);
            a3.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 3 * ROW, Memory.LITTLE);
            b3.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 3 * ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 4]);
            a4.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 4 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 4 * ROW, Memory.LITTLE);
            b4.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 4 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 4 * ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 5]);
            a5.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 5 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 5 * ROW, Memory.LITTLE);
            b5.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 5 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 5 * ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 6]);
            a6.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 6 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 6 * ROW, Memory.LITTLE);
            b6.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 6 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 6 * ROW + NEXT, Memory.LITTLE);
            v = FloatVector.broadcast(F, steps[s + 7]);
            a7.fma(sa.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 7 * ROW, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 7 * ROW, Memory.LITTLE);
            b7.fma(sb.mul(v), FloatVector.fromMemorySegment(F, Memory.ALL, y + 7 * ROW + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, y + 7 * ROW + NEXT, Memory.LITTLE);
        }
    }
}
