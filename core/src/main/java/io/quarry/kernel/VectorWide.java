package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The kernels of float weights on the Vector API; see {@link VectorBlocks} for the shape of its methods. */
final class VectorWide implements WideKernels {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final int LANES = F.length();
    private static final int PANEL = Matrix.PANEL;
    /** Bytes from one input of a strip to the next, from one row of results to the next, and from one register to the next. */
    private static final long STRIP_ROW = 4L * Matrix.STRIP;
    private static final long RESULTS = 4L * PANEL;
    private static final long NEXT = 4L * LANES;
    private static final int UPPER = 0xFFFF0000;
    /**
     * A signed byte b moved to bits 15 to 22, and these and the exponent turned, is the float 1.5 + b / 256: it is widened
     * without a conversion, of which the compiler can hold few, and scaled with one fused multiply-add.
     */
    private static final int BYTE_BITS = 0x7F8000;
    private static final int BYTE_TURN = 0x3FC00000;
    private static final float BYTE_BASE = -1.5f;
    private static final int HALF_BITS = 0x8FFFE000;
    private static final float HALF_SCALE = 0x1p112f;
    /** 2^112 for halves, 256 for bytes. */
    private static final float BYTE_SCALE = 0x1p120f;

    static final VectorWide INSTANCE = new VectorWide();

    private VectorWide() {}

    @Override
    public void widen(DType type, long scales, long from, long stream, int n, long to) {
        long strip = STRIP_ROW * n;
        switch (type) {
            case BF16 -> {
                for (int k = 0; k < n; k++)
                    widenBf16(from + (k & 3) * stream + k / 4 * 2L * PANEL, strip, to + k * STRIP_ROW);
            }
            case F16 -> {
                for (int k = 0; k < n; k++)
                    widenF16(from + (k & 3) * stream + k / 4 * 2L * PANEL, strip, to + k * STRIP_ROW);
            }
            case Q8_0 -> {
                for (int k = 0; k < n; k += Rows.BLOCK)
                    for (int c = 0; c < 16; c += LANES)
                        widenBlock(scales + 2L * (k / Rows.BLOCK) * PANEL + 4 * c, from + (long) k / 4 * PANEL + 4 * c,
                                stream, strip, to + k * STRIP_ROW + 4 * c);
            }
            default -> throw new IllegalArgumentException(type + " is not dealt to streams");
        }
    }

    /** Where the outputs of the lower halves of the pairs from {@code pair} stand in strips; the upper halves' are 16 further. */
    static long strips(int pair, long strip) {
        int output = VectorBlocks.output(pair);
        return output / Matrix.STRIP * strip + 4L * (output % Matrix.STRIP);
    }

    private static void widenBf16(long from, long strip, long to) {
        for (int pair = 0; pair < PANEL / 2; pair += LANES) {
            long o = to + strips(pair, strip);
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from + 4L * pair, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoMemorySegment(Memory.ALL, o,
                    Memory.LITTLE);
            v.and(UPPER).reinterpretAsFloats().intoMemorySegment(Memory.ALL, o + 64, Memory.LITTLE);
        }
    }

    private static void widenF16(long from, long strip, long to) {
        for (int pair = 0; pair < PANEL / 2; pair += LANES) {
            long o = to + strips(pair, strip);
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from + 4L * pair, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats()
                    .mul(HALF_SCALE).intoMemorySegment(Memory.ALL, o, Memory.LITTLE);
            v.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE)
                    .intoMemorySegment(Memory.ALL, o + 64, Memory.LITTLE);
        }
    }

    private static void widenBlock(long scales, long from, long stream, long strip, long to) {
        // scales of outputs 0 and 16, then of 32 and 48
        IntVector h = IntVector.fromMemorySegment(I, Memory.ALL, scales, Memory.LITTLE);
        FloatVector s0 = h.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(BYTE_SCALE);
        FloatVector s1 = h.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(BYTE_SCALE);
        h = IntVector.fromMemorySegment(I, Memory.ALL, scales + PANEL, Memory.LITTLE);
        FloatVector s2 = h.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                .reinterpretAsFloats().mul(BYTE_SCALE);
        FloatVector s3 = h.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(BYTE_SCALE);
        FloatVector n0 = s0.mul(BYTE_BASE), n1 = s1.mul(BYTE_BASE), n2 = s2.mul(BYTE_BASE), n3 = s3.mul(BYTE_BASE);
        long at = to;
        for (int k = 0; k < Rows.BLOCK; k++, at += STRIP_ROW) {
            IntVector v = IntVector.fromMemorySegment(I, Memory.ALL, from + (k & 3) * stream + (k >> 2) * PANEL,
                    Memory.LITTLE);
            v.lanewise(VectorOperators.LSHL, 15).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                    .reinterpretAsFloats().fma(s0, n0).intoMemorySegment(Memory.ALL, at, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHL, 7).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                    .reinterpretAsFloats().fma(s1, n1).intoMemorySegment(Memory.ALL, at + 64, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 1).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                    .reinterpretAsFloats().fma(s2, n2).intoMemorySegment(Memory.ALL, at + strip, Memory.LITTLE);
            v.lanewise(VectorOperators.LSHR, 9).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                    .reinterpretAsFloats().fma(s3, n3).intoMemorySegment(Memory.ALL, at + strip + 64, Memory.LITTLE);
        }
    }

    @Override
    public void row(DType type, long scales, long from, long stream, int n, float[] x, int xAt, float[] y) {
        switch (type) {
            case F32 -> {
                for (int c = 0; c < Matrix.STRIP; c += 2 * LANES)
                    rowF32(from + 4L * c, STRIP_ROW * n, n, x, xAt, y, c);
            }
            case BF16 -> {
                for (int pair = 0; pair < PANEL / 2; pair += 2 * LANES)
                    rowBf16(from + 4L * pair, stream, n, x, xAt, y, pair);
            }
            case F16 -> {
                for (int pair = 0; pair < PANEL / 2; pair += 2 * LANES)
                    rowF16(from + 4L * pair, stream, n, x, xAt, y, pair);
            }
            default -> {
                for (int c = 0; c < 16; c += LANES)
                    rowBytes(scales + 4 * c, from + 4 * c, stream, n, x, xAt, y, c);
            }
        }
    }

    private static void rowF32(long from, long strip, int n, float[] x, int xAt, float[] y, int c) {
        FloatVector y0 = FloatVector.zero(F), y1 = y0, y2 = y0, y3 = y0;
        long at = from;
        for (int k = 0; k < n; k++, at += STRIP_ROW) {
            FloatVector v = Vectors.FLOATS.broadcast(x[xAt + k]);
            y0 = v.fma(FloatVector.fromMemorySegment(F, Memory.ALL, at, Memory.LITTLE), y0);
            y1 = v.fma(FloatVector.fromMemorySegment(F, Memory.ALL, at + NEXT, Memory.LITTLE), y1);
            y2 = v.fma(FloatVector.fromMemorySegment(F, Memory.ALL, at + strip, Memory.LITTLE), y2);
            y3 = v.fma(FloatVector.fromMemorySegment(F, Memory.ALL, at + strip + NEXT, Memory.LITTLE), y3);
        }
        y0.intoArray(y, c);
        y1.intoArray(y, c + LANES);
        y2.intoArray(y, c + Matrix.STRIP);
        y3.intoArray(y, c + Matrix.STRIP + LANES);
    }

    private static void rowBf16(long from, long stream, int n, float[] x, int xAt, float[] y, int pair) {
        FloatVector y0 = FloatVector.zero(F), y1 = y0, y2 = y0, y3 = y0;
        for (int k = 0; k < n; k++) {
            long at = from + (k & 3) * stream + (k >> 2) * 2L * PANEL;
            FloatVector v = Vectors.FLOATS.broadcast(x[xAt + k]);
            IntVector w = IntVector.fromMemorySegment(I, Memory.ALL, at, Memory.LITTLE);
            y0 = v.fma(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), y0);
            y1 = v.fma(w.and(UPPER).reinterpretAsFloats(), y1);
            w = IntVector.fromMemorySegment(I, Memory.ALL, at + 4 * LANES, Memory.LITTLE);
            y2 = v.fma(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), y2);
            y3 = v.fma(w.and(UPPER).reinterpretAsFloats(), y3);
        }
        y0.intoArray(y, VectorBlocks.output(pair));
        y1.intoArray(y, VectorBlocks.output(pair) + 16);
        y2.intoArray(y, VectorBlocks.output(pair + LANES));
        y3.intoArray(y, VectorBlocks.output(pair + LANES) + 16);
    }

    private static void rowF16(long from, long stream, int n, float[] x, int xAt, float[] y, int pair) {
        FloatVector y0 = FloatVector.zero(F), y1 = y0, y2 = y0, y3 = y0;
        for (int k = 0; k < n; k++) {
            long at = from + (k & 3) * stream + (k >> 2) * 2L * PANEL;
            FloatVector v = Vectors.FLOATS.broadcast(x[xAt + k]);
            IntVector w = IntVector.fromMemorySegment(I, Memory.ALL, at, Memory.LITTLE);
            y0 = v.fma(w.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                    .reinterpretAsFloats().mul(HALF_SCALE), y0);
            y1 = v.fma(w.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE), y1);
            w = IntVector.fromMemorySegment(I, Memory.ALL, at + 4 * LANES, Memory.LITTLE);
            y2 = v.fma(w.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                    .reinterpretAsFloats().mul(HALF_SCALE), y2);
            y3 = v.fma(w.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_SCALE), y3);
        }
        y0.intoArray(y, VectorBlocks.output(pair));
        y1.intoArray(y, VectorBlocks.output(pair) + 16);
        y2.intoArray(y, VectorBlocks.output(pair + LANES));
        y3.intoArray(y, VectorBlocks.output(pair + LANES) + 16);
    }

    private static void rowBytes(long scales, long from, long stream, int n, float[] x, int xAt, float[] y, int c) {
        FloatVector y0 = FloatVector.zero(F), y1 = y0, y2 = y0, y3 = y0;
        for (int b = 0; b < n / Rows.BLOCK; b++) {
            long at = scales + 2L * b * PANEL;
            // as in widenBlock
            IntVector h = IntVector.fromMemorySegment(I, Memory.ALL, at, Memory.LITTLE);
            FloatVector s0 = h.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                    .reinterpretAsFloats().mul(BYTE_SCALE);
            FloatVector s1 = h.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(BYTE_SCALE);
            h = IntVector.fromMemorySegment(I, Memory.ALL, at + PANEL, Memory.LITTLE);
            FloatVector s2 = h.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(HALF_BITS)
                    .reinterpretAsFloats().mul(BYTE_SCALE);
            FloatVector s3 = h.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(BYTE_SCALE);
            FloatVector n0 = s0.mul(BYTE_BASE), n1 = s1.mul(BYTE_BASE), n2 = s2.mul(BYTE_BASE), n3 = s3.mul(BYTE_BASE);
            long block = from + (long) b * (Rows.BLOCK / 4) * PANEL;
            int first = xAt + b * Rows.BLOCK;
            for (int k = 0; k < Rows.BLOCK; k++) {
                IntVector w = IntVector.fromMemorySegment(I, Memory.ALL, block + (k & 3) * stream + (k >> 2) * PANEL,
                        Memory.LITTLE);
                FloatVector v = Vectors.FLOATS.broadcast(x[first + k]);
                y0 = v.fma(w.lanewise(VectorOperators.LSHL, 15).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                        .reinterpretAsFloats().fma(s0, n0), y0);
                y1 = v.fma(w.lanewise(VectorOperators.LSHL, 7).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                        .reinterpretAsFloats().fma(s1, n1), y1);
                y2 = v.fma(w.lanewise(VectorOperators.LSHR, 1).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                        .reinterpretAsFloats().fma(s2, n2), y2);
                y3 = v.fma(w.lanewise(VectorOperators.LSHR, 9).and(BYTE_BITS).lanewise(VectorOperators.XOR, BYTE_TURN)
                        .reinterpretAsFloats().fma(s3, n3), y3);
            }
        }
        y0.intoArray(y, c);
        y1.intoArray(y, c + 16);
        y2.intoArray(y, c + 32);
        y3.intoArray(y, c + 48);
    }

    @Override
    public void tile(int height, long w, long next, int n, float[] x, int xAt, long y) {
        for (long column = 0; column < STRIP_ROW; column += 2 * NEXT)
            switch (height) {
                case 1 -> one(w + column, next, n, x, xAt, y + column);
                case 2 -> two(w + column, next, n, x, xAt, y + column);
                case 4 -> four(w + column, next, n, x, xAt, y + column);
                default -> eight(w + column, next, n, x, xAt, y + column);
            }
    }

    private static void one(long from, long next, int n, float[] x, int xAt, long y) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, Memory.ALL, y, Memory.LITTLE);
        FloatVector b0 = FloatVector.fromMemorySegment(F, Memory.ALL, y + NEXT, Memory.LITTLE);
        long w = from;
        for (int i = 0, k = xAt; i < n; i++, k++, w += next) {
            FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
            FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
            FloatVector v = Vectors.FLOATS.broadcast(x[k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
        }
        a0.intoMemorySegment(Memory.ALL, y, Memory.LITTLE);
        b0.intoMemorySegment(Memory.ALL, y + NEXT, Memory.LITTLE);
    }

    private static void two(long from, long next, int n, float[] x, int xAt, long y) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, Memory.ALL, y, Memory.LITTLE);
        FloatVector b0 = FloatVector.fromMemorySegment(F, Memory.ALL, y + NEXT, Memory.LITTLE);
        FloatVector a1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS, Memory.LITTLE);
        FloatVector b1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
        long w = from;
        for (int i = 0, k = xAt; i < n; i++, k += 2, w += next) {
            FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
            FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
            FloatVector v = Vectors.FLOATS.broadcast(x[k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[k + 1]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
        }
        a0.intoMemorySegment(Memory.ALL, y, Memory.LITTLE);
        b0.intoMemorySegment(Memory.ALL, y + NEXT, Memory.LITTLE);
        a1.intoMemorySegment(Memory.ALL, y + RESULTS, Memory.LITTLE);
        b1.intoMemorySegment(Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
    }

    private static void four(long from, long next, int n, float[] x, int xAt, long y) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, Memory.ALL, y, Memory.LITTLE);
        FloatVector b0 = FloatVector.fromMemorySegment(F, Memory.ALL, y + NEXT, Memory.LITTLE);
        FloatVector a1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS, Memory.LITTLE);
        FloatVector b1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
        FloatVector a2 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * RESULTS, Memory.LITTLE);
        FloatVector b2 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a3 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * RESULTS, Memory.LITTLE);
        FloatVector b3 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * RESULTS + NEXT, Memory.LITTLE);
        long w = from;
        for (int i = 0, k = xAt; i < n; i++, k += 4, w += next) {
            FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
            FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
            FloatVector v = Vectors.FLOATS.broadcast(x[k]);
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
        }
        a0.intoMemorySegment(Memory.ALL, y, Memory.LITTLE);
        b0.intoMemorySegment(Memory.ALL, y + NEXT, Memory.LITTLE);
        a1.intoMemorySegment(Memory.ALL, y + RESULTS, Memory.LITTLE);
        b1.intoMemorySegment(Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
        a2.intoMemorySegment(Memory.ALL, y + 2 * RESULTS, Memory.LITTLE);
        b2.intoMemorySegment(Memory.ALL, y + 2 * RESULTS + NEXT, Memory.LITTLE);
        a3.intoMemorySegment(Memory.ALL, y + 3 * RESULTS, Memory.LITTLE);
        b3.intoMemorySegment(Memory.ALL, y + 3 * RESULTS + NEXT, Memory.LITTLE);
    }

    /** Adds to results of eight rows and two registers of outputs; see {@link #tile}. */
    static void eight(long from, long next, int n, float[] x, int xAt, long y) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, Memory.ALL, y, Memory.LITTLE);
        FloatVector b0 = FloatVector.fromMemorySegment(F, Memory.ALL, y + NEXT, Memory.LITTLE);
        FloatVector a1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS, Memory.LITTLE);
        FloatVector b1 = FloatVector.fromMemorySegment(F, Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
        FloatVector a2 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * RESULTS, Memory.LITTLE);
        FloatVector b2 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 2 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a3 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * RESULTS, Memory.LITTLE);
        FloatVector b3 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 3 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a4 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 4 * RESULTS, Memory.LITTLE);
        FloatVector b4 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 4 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a5 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 5 * RESULTS, Memory.LITTLE);
        FloatVector b5 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 5 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a6 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 6 * RESULTS, Memory.LITTLE);
        FloatVector b6 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 6 * RESULTS + NEXT, Memory.LITTLE);
        FloatVector a7 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 7 * RESULTS, Memory.LITTLE);
        FloatVector b7 = FloatVector.fromMemorySegment(F, Memory.ALL, y + 7 * RESULTS + NEXT, Memory.LITTLE);
        long w = from;
        for (int i = 0, k = xAt; i < n; i++, k += 8, w += next) {
            FloatVector wa = FloatVector.fromMemorySegment(F, Memory.ALL, w, Memory.LITTLE);
            FloatVector wb = FloatVector.fromMemorySegment(F, Memory.ALL, w + NEXT, Memory.LITTLE);
            FloatVector v = Vectors.FLOATS.broadcast(x[k]);
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
        a0.intoMemorySegment(Memory.ALL, y, Memory.LITTLE);
        b0.intoMemorySegment(Memory.ALL, y + NEXT, Memory.LITTLE);
        a1.intoMemorySegment(Memory.ALL, y + RESULTS, Memory.LITTLE);
        b1.intoMemorySegment(Memory.ALL, y + RESULTS + NEXT, Memory.LITTLE);
        a2.intoMemorySegment(Memory.ALL, y + 2 * RESULTS, Memory.LITTLE);
        b2.intoMemorySegment(Memory.ALL, y + 2 * RESULTS + NEXT, Memory.LITTLE);
        a3.intoMemorySegment(Memory.ALL, y + 3 * RESULTS, Memory.LITTLE);
        b3.intoMemorySegment(Memory.ALL, y + 3 * RESULTS + NEXT, Memory.LITTLE);
        a4.intoMemorySegment(Memory.ALL, y + 4 * RESULTS, Memory.LITTLE);
        b4.intoMemorySegment(Memory.ALL, y + 4 * RESULTS + NEXT, Memory.LITTLE);
        a5.intoMemorySegment(Memory.ALL, y + 5 * RESULTS, Memory.LITTLE);
        b5.intoMemorySegment(Memory.ALL, y + 5 * RESULTS + NEXT, Memory.LITTLE);
        a6.intoMemorySegment(Memory.ALL, y + 6 * RESULTS, Memory.LITTLE);
        b6.intoMemorySegment(Memory.ALL, y + 6 * RESULTS + NEXT, Memory.LITTLE);
        a7.intoMemorySegment(Memory.ALL, y + 7 * RESULTS, Memory.LITTLE);
        b7.intoMemorySegment(Memory.ALL, y + 7 * RESULTS + NEXT, Memory.LITTLE);
    }

    @Override
    public void zero(long to, int n) {
        for (int i = 0; i < n; i += LANES)
            FloatVector.zero(F).intoMemorySegment(Memory.ALL, to + 4L * i, Memory.LITTLE);
    }

    /** By registers: a call that copies any memory costs more than so few numbers. */
    @Override
    public void copy(long from, int rows, int columns, float[] y, int at, int stride) {
        for (int r = 0; r < rows; r++) {
            long row = from + r * RESULTS;
            int to = at + r * stride;
            int c = 0;
            for (; c + LANES <= columns; c += LANES)
                FloatVector.fromMemorySegment(F, Memory.ALL, row + 4L * c, Memory.LITTLE).intoArray(y, to + c);
            for (; c < columns; c++)
                y[to + c] = Memory.ALL.get(Memory.FLOAT, row + 4L * c);
        }
    }
}
