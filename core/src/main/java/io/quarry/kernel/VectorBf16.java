package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Rounds floats to bf16, and widens packed weights to floats, for {@link NativeProduct}. Addresses: see {@link Memory#ALL}. */
final class VectorBf16 {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> NARROW = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int LANES = F.length();
    private static final int PANEL = Matrix.PANEL;
    private static final long ROW = 2L * PANEL;
    private static final int UPPER = 0xFFFF0000;
    private static final int QUIET = 0x7FC0;
    private static final int TOP = 0xFF000000;
    /** Sign, exponent and fraction of a 16-bit float, three bits down from the upper half of a word. */
    private static final int HALF_BITS = 0x8FFFE000;
    /** What the exponents of 16-bit and 32-bit floats differ by, and what bytes are in the top of a word. */
    private static final float BYTE_SCALE = 0x1p88f;

    private VectorBf16() {}

    /** Rounds activations, to nearest, half to even; NaN stays NaN. */
    static void round(float[] x, int at, int n, long to) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            VectorMask<Integer> nan = v.test(VectorOperators.IS_NAN).cast(I);
            IntVector bits = v.reinterpretAsInts();
            bits.add(bits.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF).lanewise(VectorOperators.LSHR, 16)
                    .blend(QUIET, nan).convertShape(VectorOperators.I2S, NARROW, 0).reinterpretAsShorts()
                    .intoMemorySegment(Memory.ALL, to + 2L * i, Memory.LITTLE);
        }
        for (; i < n; i++)
            Memory.ALL.set(Memory.SHORT, to + 2L * i, round(x[at + i]));
    }

    static short round(float x) {
        int bits = Float.floatToRawIntBits(x);
        return (short) (Float.isNaN(x) ? QUIET : bits + (bits >>> 16 & 1) + 0x7FFF >>> 16);
    }

    /**
     * Rounds weights in two strips {@code [n, 32]} to pairs {@code [n / 2, 64, 2]}, to nearest, half away from zero, which is three
     * operations fewer. They are finite.
     *
     * @param strip bytes from one strip to the other
     */
    static void pairs(long w, long strip, int n, long to) {
        for (int k = 0; k < n; k += 2)
            for (int o = 0; o < PANEL; o += LANES) {
                long from = w + o / Matrix.STRIP * strip + 4L * (k * Matrix.STRIP + o % Matrix.STRIP);
                IntVector a = IntVector.fromMemorySegment(I, Memory.ALL, from, Memory.LITTLE).add(0x8000);
                IntVector b = IntVector.fromMemorySegment(I, Memory.ALL, from + 4 * Matrix.STRIP, Memory.LITTLE)
                        .add(0x8000);
                a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL,
                        to + 2L * (k * PANEL + 2 * o), Memory.LITTLE);
            }
    }

    /**
     * Widens words of nibbles and rounds them as {@link #pairs} does: {@code fma(q[k, o], scales[k / 32, o],
     * least[k / 32, o])}.
     *
     * @param from   words of the first stream {@code [n / 16, 64]}, in the order of {@link Matrix#lane}
     * @param stream bytes from there to the same of the next stream
     */
    static void nibbles(long from, long stream, int n, long scales, long least, long to) {
        for (int k = 0; k < n; k += Rows.BLOCK)
            for (int pair = 0; pair < PANEL / 2; pair += LANES)
                nibbleBlock(from + k / 16 * ROW + 4L * pair, stream,
                        scales + 4L * (k / Rows.BLOCK * PANEL + VectorBlocks.output(pair)),
                        least + 4L * (k / Rows.BLOCK * PANEL + VectorBlocks.output(pair)),
                        to + 2L * k * PANEL + 4L * VectorBlocks.output(pair));
    }

    private static void nibbleBlock(long from, long stream, long scales, long least, long to) {
        FloatVector s0 = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector s1 = FloatVector.fromMemorySegment(F, Memory.ALL, scales + 64, Memory.LITTLE);
        FloatVector m0 = FloatVector.fromMemorySegment(F, Memory.ALL, least, Memory.LITTLE);
        FloatVector m1 = FloatVector.fromMemorySegment(F, Memory.ALL, least + 64, Memory.LITTLE);
        for (int word = 0; word < Rows.BLOCK / 4; word++) {
            for (int i = 0; i < 2; i++) {
                IntVector v = IntVector.fromMemorySegment(I, Memory.ALL,
                        from + (word & 3) * stream + (word >> 2) * ROW, Memory.LITTLE)
                        .lanewise(VectorOperators.LSHR, 8 * i);
                long row = to + (2 * word + i) * 4L * PANEL;
                IntVector a = v.and(15).convertShape(VectorOperators.I2F, F, 0).reinterpretAsFloats().fma(s0, m0)
                        .reinterpretAsInts().add(0x8000);
                IntVector b = v.lanewise(VectorOperators.LSHR, 4).and(15).convertShape(VectorOperators.I2F, F, 0)
                        .reinterpretAsFloats().fma(s0, m0).reinterpretAsInts().add(0x8000);
                a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL, row,
                        Memory.LITTLE);
                a = v.lanewise(VectorOperators.LSHR, 16).and(15).convertShape(VectorOperators.I2F, F, 0)
                        .reinterpretAsFloats().fma(s1, m1).reinterpretAsInts().add(0x8000);
                b = v.lanewise(VectorOperators.LSHR, 20).and(15).convertShape(VectorOperators.I2F, F, 0)
                        .reinterpretAsFloats().fma(s1, m1).reinterpretAsInts().add(0x8000);
                a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL, row + 64,
                        Memory.LITTLE);
            }
        }
    }

    /** Puts weights that are bf16 already, in the order of {@link Matrix#lane}, in pairs. */
    static void halves(long from, long stream, int n, long to) {
        for (int k = 0; k < n; k += 2)
            for (int pair = 0; pair < PANEL / 2; pair += LANES) {
                long w = from + (k & 3) * stream + k / 4 * ROW + 4L * pair;
                IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, w, Memory.LITTLE);
                IntVector u = IntVector.fromMemorySegment(I, Memory.ALL, w + stream, Memory.LITTLE);
                long at = to + k * ROW + 4L * VectorBlocks.output(pair);
                v.and(0xFFFF).or(u.lanewise(VectorOperators.LSHL, 16)).intoMemorySegment(Memory.ALL, at,
                        Memory.LITTLE);
                v.lanewise(VectorOperators.LSHR, 16).or(u.and(UPPER)).intoMemorySegment(Memory.ALL, at + 64,
                        Memory.LITTLE);
            }
    }

    /** Widens blocks of Q8_0, as {@link FloatMatrix} holds them, and rounds them as {@link #pairs} does. */
    static void bytes(long scales, long from, long stream, int n, long to) {
        for (int k = 0; k < n; k += Rows.BLOCK)
            for (int c = 0; c < 16; c += LANES)
                for (int t = 0; t < 4; t += 2)
                    byteBlock(scales + k / Rows.BLOCK * ROW + 4 * c, from + k / 4 * PANEL + 4 * c, stream, t,
                            to + 2L * k * PANEL + 4 * (c + 16 * t));
    }

    /** The outputs 16 t and 16 (t + 1) on: bytes t and t + 1 of each integer. */
    private static void byteBlock(long scales, long from, long stream, int t, long to) {
        IntVector h = IntVector.fromMemorySegment(I, Memory.ALL, scales + t / 2 * PANEL, Memory.LITTLE);
        FloatVector s0 = h.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(BYTE_SCALE);
        FloatVector s1 = h.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(BYTE_SCALE);
        int left = 16 - 8 * t; // byte t + 1 comes to the top, byte t below it
        for (int k = 0; k < Rows.BLOCK; k += 2) {
            long row = from + (k & 3) * stream + k / 4 * PANEL;
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, row, Memory.LITTLE).lanewise(VectorOperators.LSHL,
                    left);
            IntVector u = IntVector.fromMemorySegment(I, Memory.ALL, row + stream, Memory.LITTLE)
                    .lanewise(VectorOperators.LSHL, left);
            IntVector a = v.lanewise(VectorOperators.LSHL, 8).and(TOP).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().mul(s0)
                    .reinterpretAsInts().add(0x8000);
            IntVector b = u.lanewise(VectorOperators.LSHL, 8).and(TOP).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().mul(s0)
                    .reinterpretAsInts().add(0x8000);
            a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL, to + 2L * k * PANEL,
                    Memory.LITTLE);
            a = v.and(TOP).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().mul(s1).reinterpretAsInts().add(0x8000);
            b = u.and(TOP).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().mul(s1).reinterpretAsInts().add(0x8000);
            a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL,
                    to + 2L * k * PANEL + 64, Memory.LITTLE);
        }
    }

    /**
     * The same of words of nibbles with bits below them.
     *
     * @param lows  words of these, {@code [n * low / 16, 64]}
     * @param low   1 or 2 bits
     * @param group inputs that share a scale: 16 or 32
     */
    static void nibblesAndLower(long from, long stream, long lows, int low, int n, int group, long scales, long least,
            long to) {
        for (int k = 0; k < n; k += 4)
            for (int pair = 0; pair < PANEL / 2; pair += LANES) {
                long scale = 4L * (k / group * PANEL + VectorBlocks.output(pair));
                lowerWord(from + (k >> 2 & 3) * stream + k / 16 * ROW + 4L * pair,
                        lows + k * low / 16 * ROW + 4L * pair, low, k * low % 16,
                        scales + scale, least + scale, to + k * ROW + 4L * VectorBlocks.output(pair));
            }
    }

    private static void lowerWord(long from, long lows, int low, int shift, long scales, long least, long to) {
        FloatVector s0 = FloatVector.fromMemorySegment(F, Memory.ALL, scales, Memory.LITTLE);
        FloatVector s1 = FloatVector.fromMemorySegment(F, Memory.ALL, scales + 64, Memory.LITTLE);
        FloatVector m0 = FloatVector.fromMemorySegment(F, Memory.ALL, least, Memory.LITTLE);
        FloatVector m1 = FloatVector.fromMemorySegment(F, Memory.ALL, least + 64, Memory.LITTLE);
        int mask = (1 << low) - 1;
        for (int i = 0; i < 2; i++) {
            long row = to + i * 4 * PANEL;
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from, Memory.LITTLE)
                    .lanewise(VectorOperators.LSHR, 8 * i);
            IntVector l = IntVector.fromMemorySegment(I, Memory.ALL, lows, Memory.LITTLE)
                    .lanewise(VectorOperators.LSHR, shift + 2 * low * i);
            IntVector w = v.lanewise(VectorOperators.LSHR, 4);
            IntVector h = l.lanewise(VectorOperators.LSHR, low);
            IntVector a = v.and(15).lanewise(VectorOperators.LSHL, low).or(l.and(mask))
                    .convertShape(VectorOperators.I2F, F, 0).reinterpretAsFloats().fma(s0, m0).reinterpretAsInts()
                    .add(0x8000);
            IntVector b = w.and(15).lanewise(VectorOperators.LSHL, low).or(h.and(mask))
                    .convertShape(VectorOperators.I2F, F, 0).reinterpretAsFloats().fma(s0, m0).reinterpretAsInts()
                    .add(0x8000);
            a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL, row, Memory.LITTLE);
            a = v.lanewise(VectorOperators.LSHR, 16).and(15).lanewise(VectorOperators.LSHL, low)
                    .or(l.lanewise(VectorOperators.LSHR, 16).and(mask)).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().fma(s1, m1).reinterpretAsInts().add(0x8000);
            b = w.lanewise(VectorOperators.LSHR, 16).and(15).lanewise(VectorOperators.LSHL, low)
                    .or(h.lanewise(VectorOperators.LSHR, 16).and(mask)).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().fma(s1, m1).reinterpretAsInts().add(0x8000);
            a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL, row + 64,
                    Memory.LITTLE);
        }
    }
}
