package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels of whole-number weights on the Vector API. What the compiler needs is kept here: methods that it can hold
 * whole (a method with too many vector operations is compiled with its vectors boxed, a hundred times slower), no vector
 * passed to or returned from a method, and sums handed on through arrays.
 */
final class VectorBlocks implements BlockKernels {
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int HALF = F.length();
    private static final int PANEL = Matrix.PANEL;
    /** Bytes from one row of words to the next. */
    private static final long ROW = 2L * PANEL;
    private static final int UPPER = 0xFFFF0000;
    /** Sign, exponent and fraction of a 16-bit float, three bits down from the upper half of a word. */
    private static final int HALF_BITS = 0x8FFFE000;
    /** What the exponents of 16-bit and 32-bit floats differ by. */
    private static final float HALF_SCALE = 0x1p112f;
    /** Rounds to the nearest integer when added and taken away again, for numbers below 2^22. */
    private static final float ROUND = 0x1.8p23f;

    static final VectorBlocks INSTANCE = new VectorBlocks();

    private VectorBlocks() {}

    @Override
    public int tallest() {
        return S.vectorBitSize() == 256 ? 4 : 8;
    }

    @Override
    public void quantize(float[] x, int at, int blocks, int[] bytes, float[] steps) {
        for (int b = 0; b < blocks; b++) {
            int from = at + b * Rows.BLOCK;
            IntVector most = IntVector.zero(I);
            for (int i = 0; i < Rows.BLOCK; i += HALF)
                most = FloatVector.fromArray(F, x, from + i).reinterpretAsInts().and(Integer.MAX_VALUE).max(most);
            // without its sign a float is ordered as an integer, NaN above all
            float largest = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
            float factor = largest < SMALLEST ? 0 : 127 / largest;
            steps[b] = largest < SMALLEST ? 0 : largest / 127;
            for (int i = 0; i < Rows.BLOCK; i += HALF)
                FloatVector.fromArray(F, x, from + i).mul(factor).add(ROUND).sub(ROUND)
                        .convertShape(VectorOperators.F2I, I, 0).reinterpretAsInts()
                        .intoArray(bytes, b * Rows.BLOCK + i);
        }
    }

    @Override
    public void halves(long from, int n, long to) {
        for (int i = 0; i < n * PANEL / 2; i += HALF) {
            long o = to + 4L * (i / 32 * PANEL + output(i % 32));
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from + 4L * i, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats()
                    .mul(HALF_SCALE).intoMemorySegment(Memory.ALL, o, Memory.LITTLE);
            v.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE)
                    .intoMemorySegment(Memory.ALL, o + 64, Memory.LITTLE);
        }
    }

    @Override
    public void shift(int n, int middle, long scales, long minima) {
        FloatVector c = Vectors.FLOATS.broadcast(middle);
        for (long i = 0; i < 4L * n * PANEL; i += 4 * HALF)
            c.fma(FloatVector.fromMemorySegment(F, Memory.ALL, scales + i, Memory.LITTLE),
                    FloatVector.fromMemorySegment(F, Memory.ALL, minima + i, Memory.LITTLE))
                    .intoMemorySegment(Memory.ALL, minima + i, Memory.LITTLE);
    }

    @Override
    public void superScales(long pairs, long factors, int n, int middle, long scales, long minima) {
        for (int s = 0; s < n; s++)
            for (int pair = 0; pair < PANEL / 2; pair += HALF)
                superScales(pairs + 8 * s * ROW + 4 * pair, factors + 2 * s * ROW + 4 * pair, middle,
                        scales + 4L * (8 * s * PANEL + output(pair)), minima + 4L * (8 * s * PANEL + output(pair)));
    }

    private static void superScales(long pairs, long factors, int middle, long scales, long minima) {
        IntVector d = IntVector.fromMemorySegment(I, Memory.ALL, factors, Memory.LITTLE);
        FloatVector d0 = d.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(HALF_SCALE);
        FloatVector d1 = d.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE);
        d = IntVector.fromMemorySegment(I, Memory.ALL, factors + ROW, Memory.LITTLE);
        FloatVector e0 = d.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(HALF_SCALE);
        FloatVector e1 = d.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE);
        FloatVector c = Vectors.FLOATS.broadcast(middle);
        for (long b = 0, to = 0; b < 8; b++, to += 4 * PANEL) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, pairs + b * ROW, Memory.LITTLE);
            FloatVector s = d0.mul(v.and(0xFF).convertShape(VectorOperators.I2F, F, 0));
            s.intoMemorySegment(Memory.ALL, scales + to, Memory.LITTLE);
            c.fma(s, e0.mul(v.lanewise(VectorOperators.LSHR, 8).and(0xFF).convertShape(VectorOperators.I2F, F, 0))
                    .neg())
                    .intoMemorySegment(Memory.ALL, minima + to, Memory.LITTLE);
            s = d1.mul(v.lanewise(VectorOperators.LSHR, 16).and(0xFF).convertShape(VectorOperators.I2F, F, 0));
            s.intoMemorySegment(Memory.ALL, scales + to + 64, Memory.LITTLE);
            c.fma(s, e1.mul(v.lanewise(VectorOperators.LSHR, 24).convertShape(VectorOperators.I2F, F, 0)).neg())
                    .intoMemorySegment(Memory.ALL, minima + to + 64, Memory.LITTLE);
        }
    }

    @Override
    public void sixScales(long pairs, long factors, int n, long scales) {
        for (int s = 0; s < n; s++)
            for (int pair = 0; pair < PANEL / 2; pair += HALF)
                sixScales(pairs + 8 * s * ROW + 4 * pair, factors + s * ROW + 4 * pair,
                        scales + 4L * (16 * s * PANEL + output(pair)));
    }

    private static void sixScales(long pairs, long factors, long scales) {
        IntVector d = IntVector.fromMemorySegment(I, Memory.ALL, factors, Memory.LITTLE);
        FloatVector d0 = d.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(HALF_SCALE);
        FloatVector d1 = d.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE);
        for (long b = 0, to = scales; b < 8; b++, to += 8 * PANEL) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, pairs + b * ROW, Memory.LITTLE);
            d0.mul(v.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, F, 0)).intoMemorySegment(Memory.ALL, to, Memory.LITTLE);
            d1.mul(v.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, F, 0)).intoMemorySegment(Memory.ALL, to + 64, Memory.LITTLE);
            d0.mul(v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, F, 0))
                    .intoMemorySegment(Memory.ALL, to + 4 * PANEL, Memory.LITTLE);
            d1.mul(v.lanewise(VectorOperators.ASHR, 24).convertShape(VectorOperators.I2F, F, 0))
                    .intoMemorySegment(Memory.ALL, to + 4 * PANEL + 64, Memory.LITTLE);
        }
    }

    @Override
    public void nibbleSums(int height, long from, long stream, int groups, int sixteens, int[] multipliers, int at,
            short[] first, int firstAt, short[] sums) {
        VectorSums.nibbles(height, from, stream, groups, sixteens, multipliers, at, first, firstAt, sums);
    }

    @Override
    public void lowSums(int height, int bits, long from, int groups, int quads, int[] multipliers, int at,
            short[] sums) {
        VectorSums.low(height, bits, from, groups, quads, multipliers, at, sums);
    }

    @Override
    public boolean exactFloats() {
        return F.vectorBitSize() == 512;
    }

    @Override
    public void unpack(int low, long words, long stream, long lowWords, int n, long to) {
        VectorProducts.unpack(low, words, stream, lowWords, n, to);
    }

    @Override
    public void widen(int low, long words, long stream, long lowWords, int n, int group, long scales, long minima,
            long to) {
        VectorProducts.widen(low, words, stream, lowWords, n, group, scales, minima, to);
    }

    @Override
    public void products(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt,
            int per, long room, long y) {
        VectorProducts.eight(w, groups, group, x, xAt, scales, steps, stepsAt, per, room, y);
    }

    /** The output whose number is the lower half of pair {@code pair} of a panel's 32; the upper half's is 16 further. */
    static int output(int pair) {
        return 2 * (pair & 16) + (pair & 15);
    }

    @Override
    public void scale(int height, int groups, short[] sums, long scales, float[] steps, int stepsAt,
            long y) {
        for (int r = 0; r < height; r++)
            for (int pair = 0; pair < PANEL / 2; pair += 2 * HALF)
                scaleRow(r, height, groups, sums, scales, steps, stepsAt, y, pair, pair + HALF);
    }

    /** Scales the sums of a row that stand in the pairs of lanes from {@code p} and from {@code q}. */
    private static void scaleRow(int r, int height, int groups, short[] sums, long scales,
            float[] steps, int stepsAt, long y, int p, int q) {
        long yp = y + 4L * (r * PANEL + output(p)), yq = y + 4L * (r * PANEL + output(q));
        FloatVector y0 = FloatVector.fromMemorySegment(F, Memory.ALL, yp, Memory.LITTLE);
        FloatVector y1 = FloatVector.fromMemorySegment(F, Memory.ALL, yp + 64, Memory.LITTLE);
        FloatVector y2 = FloatVector.fromMemorySegment(F, Memory.ALL, yq, Memory.LITTLE);
        FloatVector y3 = FloatVector.fromMemorySegment(F, Memory.ALL, yq + 64, Memory.LITTLE);
        long sp = scales + 4L * output(p), sq = scales + 4L * output(q);
        for (int g = 0; g < groups; g++, sp += 4 * PANEL, sq += 4 * PANEL) {
            FloatVector step = Vectors.FLOATS.broadcast(steps[stepsAt + g * height + r]);
            IntVector v = ShortVector.fromArray(S, sums, (g * height + r) * PANEL + 2 * p).reinterpretAsInts();
            y0 = ((FloatVector) v.lanewise(VectorOperators.LSHL, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, sp, Memory.LITTLE)), y0);
            y1 = ((FloatVector) v.and(UPPER).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, sp + 64, Memory.LITTLE)), y1);
            v = ShortVector.fromArray(S, sums, (g * height + r) * PANEL + 2 * q).reinterpretAsInts();
            y2 = ((FloatVector) v.lanewise(VectorOperators.LSHL, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, sq, Memory.LITTLE)), y2);
            y3 = ((FloatVector) v.and(UPPER).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, sq + 64, Memory.LITTLE)), y3);
        }
        y0.intoMemorySegment(Memory.ALL, yp, Memory.LITTLE);
        y1.intoMemorySegment(Memory.ALL, yp + 64, Memory.LITTLE);
        y2.intoMemorySegment(Memory.ALL, yq, Memory.LITTLE);
        y3.intoMemorySegment(Memory.ALL, yq + 64, Memory.LITTLE);
    }

    @Override
    public void scaleBoth(int height, int groups, int per, int factor, short[] sums, short[] low, long scales,
            float[] steps, int stepsAt, long y) {
        for (int r = 0; r < height; r++)
            for (int pair = 0; pair < PANEL / 2; pair += HALF)
                scaleBothRow(r, height, groups, per, factor, sums, low, scales, steps, stepsAt, y, pair);
    }

    private static void scaleBothRow(int r, int height, int groups, int per, int factor, short[] sums, short[] low,
            long scales, float[] steps, int stepsAt, long y, int pair) {
        long at = y + 4L * (r * PANEL + output(pair));
        FloatVector y0 = FloatVector.fromMemorySegment(F, Memory.ALL, at, Memory.LITTLE);
        FloatVector y1 = FloatVector.fromMemorySegment(F, Memory.ALL, at + 64, Memory.LITTLE);
        FloatVector times = Vectors.FLOATS.broadcast(factor);
        long column = scales + 4L * output(pair);
        for (int g = 0; g < groups; g++, column += 4 * PANEL) {
            FloatVector step = Vectors.FLOATS.broadcast(steps[stepsAt + g / per * height + r]);
            int from = (g * height + r) * PANEL + 2 * pair;
            IntVector v = ShortVector.fromArray(S, sums, from).reinterpretAsInts();
            IntVector w = ShortVector.fromArray(S, low, from).reinterpretAsInts();
            y0 = times.fma(v.lanewise(VectorOperators.LSHL, 16).convertShape(VectorOperators.I2F, F, 0),
                    w.lanewise(VectorOperators.LSHL, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, column, Memory.LITTLE)), y0);
            y1 = times.fma(v.and(UPPER).convertShape(VectorOperators.I2F, F, 0),
                    w.and(UPPER).convertShape(VectorOperators.I2F, F, 0))
                    .fma(step.mul(FloatVector.fromMemorySegment(F, Memory.ALL, column + 64, Memory.LITTLE)), y1);
        }
        y0.intoMemorySegment(Memory.ALL, at, Memory.LITTLE);
        y1.intoMemorySegment(Memory.ALL, at + 64, Memory.LITTLE);
    }
}
