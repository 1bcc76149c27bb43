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
                long from = words + (k >> 2 & 3) * stream + k / 16 * 2L * PANEL + 4 * pair;
                if (low == 0)
                    quad(from, middle, to + k * STRIP_ROW + strip);
                else
                    quad(low, from, lower, k * low & 15, middle, to + k * STRIP_ROW + strip);
            }
        }
    }

    /** Four inputs of two registers of outputs, which are the halves of a register of pairs. */
    private static void quad(long words, float middle, long to) {
        for (int i = 0; i < 4; i++) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, words, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 4 * i).and(15).or(BASE).reinterpretAsFloats().sub(middle)
                    .intoMemorySegment(Memory.ALL, to + i * STRIP_ROW, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 4 * i + 16).and(15).or(BASE).reinterpretAsFloats().sub(middle)
                    .intoMemorySegment(Memory.ALL, to + i * STRIP_ROW + 64, Memory.LITTLE);
        }
    }

    /** The same of nibbles with {@code low} bits below them, which begin at bit {@code start} of their words. */
    private static void quad(int low, long words, long lowWords, int start, float middle, long to) {
        int mask = (1 << low) - 1;
        for (int i = 0, bit = start; i < 4; i++, bit += low) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, words, Memory.LITTLE);
            IntVector l = IntVector.fromMemorySegment(I, Memory.ALL, lowWords, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 4 * i).and(15).lanewise(VectorOperators.LSHL, low)
                    .or(l.lanewise(VectorOperators.LSHR, bit).and(mask)).or(BASE).reinterpretAsFloats().sub(middle)
                    .intoMemorySegment(Memory.ALL, to + i * STRIP_ROW, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 4 * i + 16).and(15).lanewise(VectorOperators.LSHL, low)
                    .or(l.lanewise(VectorOperators.LSHR, bit + 16).and(mask)).or(BASE).reinterpretAsFloats()
                    .sub(middle).intoMemorySegment(Memory.ALL, to + i * STRIP_ROW + 64, Memory.LITTLE);
        }
    }

    /** See {@link BlockKernels#products}. */
    static void eight(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt,
            int per, long room, long y) {
        for (int g = 0; g < groups; g++)
            for (int column = 0; column < Matrix.STRIP; column += 2 * LANES) {
                eightRows(w + g * group * STRIP_ROW + 4 * column, group, x, xAt + g * group * 8, room);
                scale(room, scales + g * ROW + 4 * column, steps, stepsAt + g / per * 8, y + 4 * column);
            }
    }

    /** {@code sums[r, o] = sum over k of w[k, o] x[k, r]} for eight rows and two registers of outputs. */
    private static void eightRows(long from, int group, float[] x, int xAt, long sums) {
        long w = from;
        FloatVector a0 = FloatVector.zero(F), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0,
                a4 = a0, b4 = a0, a5 = a0, b5 = a0, a6 = a0, b6 = a0, a7 = a0, b7 = a0;
        for (int i = 0, k = xAt; i < group; i++, k += 8, w += STRIP_ROW) {
            FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
            FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
            FloatVector v = Vectors.FLOATS.broadcast(x[k + 0]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[k + 1]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Vectors.FLOATS.broadcast(x[k + 2]);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Vectors.FLOATS.broadcast(x[k + 3]);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
            v = Vectors.FLOATS.broadcast(x[k + 4]);
            a4 = v.fma(wa, a4);
            b4 = v.fma(wb, b4);
            v = Vectors.FLOATS.broadcast(x[k + 5]);
            a5 = v.fma(wa, a5);
            b5 = v.fma(wb, b5);
            v = Vectors.FLOATS.broadcast(x[k + 6]);
            a6 = v.fma(wa, a6);
            b6 = v.fma(wb, b6);
            v = Vectors.FLOATS.broadcast(x[k + 7]);
            a7 = v.fma(wa, a7);
            b7 = v.fma(wb, b7);
        }
        a0.intoMemorySegment(Memory.ALL, sums, Memory.LITTLE);
        b0.intoMemorySegment(Memory.ALL, sums + NEXT, Memory.LITTLE);
        a1.intoMemorySegment(Memory.ALL, sums + NEXT * 2, Memory.LITTLE);
        b1.intoMemorySegment(Memory.ALL, sums + NEXT * 3, Memory.LITTLE);
        a2.intoMemorySegment(Memory.ALL, sums + NEXT * 4, Memory.LITTLE);
        b2.intoMemorySegment(Memory.ALL, sums + NEXT * 5, Memory.LITTLE);
        a3.intoMemorySegment(Memory.ALL, sums + NEXT * 6, Memory.LITTLE);
        b3.intoMemorySegment(Memory.ALL, sums + NEXT * 7, Memory.LITTLE);
        a4.intoMemorySegment(Memory.ALL, sums + NEXT * 8, Memory.LITTLE);
        b4.intoMemorySegment(Memory.ALL, sums + NEXT * 9, Memory.LITTLE);
        a5.intoMemorySegment(Memory.ALL, sums + NEXT * 10, Memory.LITTLE);
        b5.intoMemorySegment(Memory.ALL, sums + NEXT * 11, Memory.LITTLE);
        a6.intoMemorySegment(Memory.ALL, sums + NEXT * 12, Memory.LITTLE);
        b6.intoMemorySegment(Memory.ALL, sums + NEXT * 13, Memory.LITTLE);
        a7.intoMemorySegment(Memory.ALL, sums + NEXT * 14, Memory.LITTLE);
        b7.intoMemorySegment(Memory.ALL, sums + NEXT * 15, Memory.LITTLE);
    }

    /** Not in the loop of {@link #eightRows}, which has as many operations as the compiler can hold. */
    private static void scale(long sums, long scales, float[] steps, int stepsAt, long y) {
        FloatVector sa = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector sb = FloatVector.fromMemorySegment(F, Memory.ALL, scales + NEXT, Memory.LITTLE);
        for (int r = 0; r < 8; r++) {
            long from = sums + r * 2 * NEXT, to = y + r * ROW;
            FloatVector v = Vectors.FLOATS.broadcast(steps[stepsAt + r]);
            FloatVector.fromMemorySegment(F, Memory.ALL, from, Memory.LITTLE)
                    .fma(v.mul(sa), FloatVector.fromMemorySegment(F, Memory.ALL, to, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, to, Memory.LITTLE);
            FloatVector.fromMemorySegment(F, Memory.ALL, from + NEXT, Memory.LITTLE)
                    .fma(v.mul(sb), FloatVector.fromMemorySegment(F, Memory.ALL, to + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, to + NEXT, Memory.LITTLE);
        }
    }
}
