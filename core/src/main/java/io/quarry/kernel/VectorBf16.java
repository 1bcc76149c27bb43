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
     * Rounds weights {@code [n, 64]} to pairs {@code [n / 2, 64, 2]}, to nearest, half away from zero, which is three
     * operations fewer. They are finite.
     */
    static void pairs(float[] w, int n, long to) {
        for (int k = 0; k < n; k += 2)
            for (int o = 0; o < PANEL; o += LANES) {
                IntVector a = FloatVector.fromArray(F, w, k * PANEL + o).reinterpretAsInts().add(0x8000);
                IntVector b = FloatVector.fromArray(F, w, (k + 1) * PANEL + o).reinterpretAsInts().add(0x8000);
                a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoMemorySegment(Memory.ALL,
                        to + 2L * (k * PANEL + 2 * o), Memory.LITTLE);
            }
    }

    /**
     * Widens words of nibbles: {@code to[k, o] = fma(q[k, o], scales[k / 32, o], least[k / 32, o])}.
     *
     * @param from words {@code [n / 4, 64]} in the order of {@link Matrix#lane}
     */
    static void nibbles(long from, int n, float[] scales, float[] least, float[] to) {
        for (int k = 0; k < n; k += Rows.BLOCK)
            for (int pair = 0; pair < PANEL / 2; pair += LANES)
                nibbleBlock(from + k / 4 * ROW + 4L * pair, scales, least,
                        k / Rows.BLOCK * PANEL + VectorBlocks.output(pair), to,
                        k * PANEL + VectorBlocks.output(pair));
    }

    private static void nibbleBlock(long from, float[] scales, float[] least, int at, float[] to, int toAt) {
        FloatVector s0 = FloatVector.fromArray(F, scales, at);
        FloatVector s1 = FloatVector.fromArray(F, scales, at + 16);
        FloatVector m0 = FloatVector.fromArray(F, least, at);
        FloatVector m1 = FloatVector.fromArray(F, least, at + 16);
        for (int word = 0; word < Rows.BLOCK / 4; word++) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from + word * ROW, Memory.LITTLE);
            for (int i = 0; i < 4; i++) {
                int o = toAt + (4 * word + i) * PANEL;
                IntVector q = v.lanewise(VectorOperators.LSHR, 4 * i);
                q.and(15).convertShape(VectorOperators.I2F, F, 0).reinterpretAsFloats().fma(s0, m0).intoArray(to, o);
                q.lanewise(VectorOperators.LSHR, 16).and(15).convertShape(VectorOperators.I2F, F, 0)
                        .reinterpretAsFloats().fma(s1, m1).intoArray(to, o + 16);
            }
        }
    }

    /**
     * The same of numbers with bits below the nibble.
     *
     * @param lows  words of these, {@code [n * low / 16, 64]}
     * @param low   1 or 2 bits
     * @param group inputs that share a scale: 16 or 32
     */
    static void nibblesAndLower(long from, long lows, int low, int n, int group, float[] scales, float[] least,
            float[] to) {
        for (int k = 0; k < n; k += 4)
            for (int pair = 0; pair < PANEL / 2; pair += LANES)
                lowerWord(from + k / 4 * ROW + 4L * pair, lows + k * low / 16 * ROW + 4L * pair, low, k * low % 16,
                        scales, least, k / group * PANEL + VectorBlocks.output(pair), to,
                        k * PANEL + VectorBlocks.output(pair));
    }

    private static void lowerWord(long from, long lows, int low, int shift, float[] scales, float[] least, int at,
            float[] to, int toAt) {
        FloatVector s0 = FloatVector.fromArray(F, scales, at);
        FloatVector s1 = FloatVector.fromArray(F, scales, at + 16);
        FloatVector m0 = FloatVector.fromArray(F, least, at);
        FloatVector m1 = FloatVector.fromArray(F, least, at + 16);
        IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from, Memory.LITTLE);
        IntVector l = IntVector.fromMemorySegment(I, Memory.ALL, lows, Memory.LITTLE).lanewise(VectorOperators.LSHR,
                shift);
        int mask = (1 << low) - 1;
        for (int i = 0; i < 4; i++) {
            int o = toAt + i * PANEL;
            v.and(15).lanewise(VectorOperators.LSHL, low).or(l.and(mask)).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().fma(s0, m0).intoArray(to, o);
            v.lanewise(VectorOperators.LSHR, 16).and(15).lanewise(VectorOperators.LSHL, low)
                    .or(l.lanewise(VectorOperators.LSHR, 16).and(mask)).convertShape(VectorOperators.I2F, F, 0)
                    .reinterpretAsFloats().fma(s1, m1).intoArray(to, o + 16);
            v = v.lanewise(VectorOperators.LSHR, 4);
            l = l.lanewise(VectorOperators.LSHR, low);
        }
    }
}
