package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of four to six bits as floats: those that prefilled rows are multiplied with, and whole numbers.
 *
 * <p>Products of whole numbers as floats are exact below 2^24, so they give the same bits as {@link VectorSums} and its scaling.
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
    /** Bits of the float 2^23, whose last bit is worth 1. */
    private static final int BASE = 0x4B000000;

    private VectorProducts() {}

    /** See {@link BlockKernels#unpack}. */
    static void unpack(int low, long words, long stream, long lowWords, int n, long to) {
        float middle = 0x1p23f + (8 << low);
        for (int pair = 0; pair < PANEL / 2; pair += LANES) {
            long strip = VectorWide.strips(pair, STRIP_ROW * n);
            for (int k = 0; k < n; k += 4) {
                long lower = lowWords + (k * low >> 4) * 2L * PANEL + 4 * pair;
                long from = words + (k >> 2 & 3) * stream + k / 16 * 2L * PANEL + 4 * pair;
                quad(low, from, lower, k * low & 15, middle, to + k * STRIP_ROW + strip);
            }
        }
    }

    /**
     * Four inputs of two registers of outputs, which are the halves of a register of pairs; the bits below begin at bit
     * {@code start} of their words.
     */
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

    /** See {@link BlockKernels#widen}. */
    static void widen(int low, long words, long stream, long lowWords, int n, int group, long scales, long minima,
            long to) {
        for (int pair = 0; pair < PANEL / 2; pair += LANES) {
            long strip = to + VectorWide.strips(pair, STRIP_ROW * n);
            long column = 4L * VectorBlocks.output(pair);
            for (int k = 0; k < n; k += group) {
                long g = column + k / group * ROW;
                long from = words + 4 * pair;
                if (low == 0)
                    group(from, stream, k, group, scales + g, minima == 0 ? 0 : minima + g, strip);
                else
                    group(low, from, stream, lowWords + 4 * pair, k, group, scales + g, minima == 0 ? 0 : minima + g,
                            strip);
            }
        }
    }

    /** The inputs of a group from {@code first} on, of two registers of outputs. */
    private static void group(long words, long stream, int first, int n, long scales, long minima, long to) {
        FloatVector s0 = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector s1 = FloatVector.fromMemorySegment(F, Memory.ALL, scales + 64, Memory.LITTLE);
        FloatVector m0 = FloatVector.zero(F), m1 = m0;
        if (minima != 0) {
            m0 = FloatVector.fromMemorySegment(F, Memory.ALL, minima, Memory.LITTLE);
            m1 = FloatVector.fromMemorySegment(F, Memory.ALL, minima + 64, Memory.LITTLE);
        }
        float middle = 0x1p23f + 8;
        for (int k = first; k < first + n; k += 4) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL,
                    words + (k >> 2 & 3) * stream + k / 16 * 2L * PANEL, Memory.LITTLE);
            long at = to + k * STRIP_ROW;
            for (int i = 0; i < 4; i++, at += STRIP_ROW) {
                v.lanewise(VectorOperators.LSHR, 4 * i).and(15).or(BASE).reinterpretAsFloats().sub(middle).fma(s0, m0)
                        .intoMemorySegment(Memory.ALL, at, Memory.LITTLE);
                v.lanewise(VectorOperators.LSHR, 4 * i + 16).and(15).or(BASE).reinterpretAsFloats().sub(middle)
                        .fma(s1, m1).intoMemorySegment(Memory.ALL, at + 64, Memory.LITTLE);
            }
        }
    }

    /** The same of nibbles with {@code low} bits below them. */
    private static void group(int low, long words, long stream, long lowWords, int first, int n, long scales,
            long minima, long to) {
        FloatVector s0 = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector s1 = FloatVector.fromMemorySegment(F, Memory.ALL, scales + 64, Memory.LITTLE);
        FloatVector m0 = FloatVector.zero(F), m1 = m0;
        if (minima != 0) {
            m0 = FloatVector.fromMemorySegment(F, Memory.ALL, minima, Memory.LITTLE);
            m1 = FloatVector.fromMemorySegment(F, Memory.ALL, minima + 64, Memory.LITTLE);
        }
        float middle = 0x1p23f + (8 << low);
        int mask = (1 << low) - 1;
        for (int k = first; k < first + n; k += 4) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL,
                    words + (k >> 2 & 3) * stream + k / 16 * 2L * PANEL, Memory.LITTLE);
            IntVector l = IntVector.fromMemorySegment(I, Memory.ALL, lowWords + (k * low >> 4) * 2L * PANEL,
                    Memory.LITTLE);
            long at = to + k * STRIP_ROW;
            for (int i = 0, bit = k * low & 15; i < 4; i++, bit += low, at += STRIP_ROW) {
                v.lanewise(VectorOperators.LSHR, 4 * i).and(15).lanewise(VectorOperators.LSHL, low)
                        .or(l.lanewise(VectorOperators.LSHR, bit).and(mask)).or(BASE).reinterpretAsFloats()
                        .sub(middle).fma(s0, m0).intoMemorySegment(Memory.ALL, at, Memory.LITTLE);
                v.lanewise(VectorOperators.LSHR, 4 * i + 16).and(15).lanewise(VectorOperators.LSHL, low)
                        .or(l.lanewise(VectorOperators.LSHR, bit + 16).and(mask)).or(BASE).reinterpretAsFloats()
                        .sub(middle).fma(s1, m1).intoMemorySegment(Memory.ALL, at + 64, Memory.LITTLE);
            }
        }
    }

    /** See {@link BlockKernels#products}. */
    static void eight(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt,
            int per, long room, long y) {
        for (int g = 0; g < groups; g++)
            for (int column = 0; column < Matrix.STRIP; column += 2 * LANES) {
                VectorWide.eight(w + g * group * STRIP_ROW + 4 * column, STRIP_ROW, group, x, xAt + g * group * 8,
                        room);
                scale(room, scales + g * ROW + 4 * column, steps, stepsAt + g / per * 8, y + 4 * column);
            }
    }

    /**
     * Adds scaled sums to results, and leaves zeros for the next group. Not in the method of the loop, which has as many
     * operations as the compiler can hold.
     */
    private static void scale(long sums, long scales, float[] steps, int stepsAt, long y) {
        FloatVector sa = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector sb = FloatVector.fromMemorySegment(F, Memory.ALL, scales + NEXT, Memory.LITTLE);
        for (int r = 0; r < 8; r++) {
            long from = sums + r * ROW, to = y + r * ROW;
            FloatVector v = Vectors.FLOATS.broadcast(65536 * steps[stepsAt + r]);
            FloatVector.fromMemorySegment(F, Memory.ALL, from, Memory.LITTLE)
                    .fma(v.mul(sa), FloatVector.fromMemorySegment(F, Memory.ALL, to, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, to, Memory.LITTLE);
            FloatVector.fromMemorySegment(F, Memory.ALL, from + NEXT, Memory.LITTLE)
                    .fma(v.mul(sb), FloatVector.fromMemorySegment(F, Memory.ALL, to + NEXT, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, to + NEXT, Memory.LITTLE);
            FloatVector.zero(F).intoMemorySegment(Memory.ALL, from, Memory.LITTLE);
            FloatVector.zero(F).intoMemorySegment(Memory.ALL, from + NEXT, Memory.LITTLE);
        }
    }
}
