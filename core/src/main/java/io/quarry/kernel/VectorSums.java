package io.quarry.kernel;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of products of {@link BlockKernels#sums} for one, two or four rows and two registers of outputs, once for words of
 * nibbles, where four shifts by four are all, and once for words of fewer bits. A tile of eight rows is twice four: all in one
 * loop is slower by a tenth. Written out because a register needs a variable of its own.
 */
final class VectorSums {
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final int LANES = S.length();
    private static final int PANEL = Matrix.PANEL;
    /** Bytes from one row of words to the next, and from one register of words to the next. */
    private static final long ROW = 2L * PANEL;
    private static final long NEXT = 2L * LANES;

    /**
     * Whether words are shifted by a register of counts. With registers of 512 bits that is one operation, and a shift of
     * 16 bits by a number two; with those of 256 the compiler makes several operations of the first.
     */
    private static final boolean BY_LANES = S.vectorBitSize() == 512;
    private static final ShortVector FOUR = ShortVector.broadcast(S, 4);

    private VectorSums() {}

    static void nibbles(int height, long from, long stream, int groups, int sixteens, int[] x, int at,
            short[] first, int firstAt, short[] sums) {
        for (int column = 0; column < PANEL; column += 2 * LANES) {
            long w = from + 2L * column;
            switch (height) {
                case 1 -> one(w, stream, groups, sixteens, x, at, first, firstAt, sums, column);
                case 2 -> two(w, stream, groups, sixteens, x, at, first, firstAt, sums, column);
                default -> {
                    for (int r = 0; r < height; r += 4)
                        four(height, w, stream, groups, sixteens, x, at + r, first, firstAt + r, sums,
                                r * PANEL + column);
                }
            }
        }
    }

    static void low(int height, int bits, long from, int groups, int quads, int[] x, int at, short[] sums) {
        for (int column = 0; column < PANEL; column += 2 * LANES) {
            long w = from + 2L * column;
            switch (height) {
                case 1 -> oneLow(bits, w, groups, quads, x, at, sums, column);
                case 2 -> twoLow(bits, w, groups, quads, x, at, sums, column);
                default -> {
                    for (int r = 0; r < height; r += 4)
                        fourLow(height, bits, w, groups, quads, x, at + r, sums,
                                r * PANEL + column);
                }
            }
        }
    }

    private static void one(long from, long stream, int groups, int sixteens, int[] x, int at, short[] first,
            int firstAt, short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++) {
            ShortVector a0 = ShortVector.broadcast(S, first[firstAt + g]), b0 = a0;
            for (int i = 0; i < sixteens; i++, w += ROW)
                for (int j = 0; j < 4; j++, k += 4) {
                    long word = w + j * stream;
                    ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                    ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                    ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = Vectors.INTS.broadcast(x[k + 2]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = Vectors.INTS.broadcast(x[k + 3]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                }
            int to = g * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
        }
    }

    private static void two(long from, long stream, int groups, int sixteens, int[] x, int at, short[] first,
            int firstAt, short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++, w += sixteens * ROW) {
            int f = firstAt + g * 2;
            ShortVector a0 = ShortVector.broadcast(S, first[f]), b0 = a0;
            ShortVector a1 = ShortVector.broadcast(S, first[f + 1]), b1 = a1;
            for (int j = 0; j < 4 * sixteens; j++, k += 8) {
                long word = w + (j & 3) * stream + (j >> 2) * ROW;
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + 2]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 3]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + 4]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 5]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + 6]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 7]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
            }
            int to = g * 2 * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
            a1.intoArray(sums, to + PANEL);
            b1.intoArray(sums, to + PANEL + LANES);
        }
    }

    private static void four(int height, long from, long stream, int groups, int sixteens, int[] x, int at,
            short[] first, int firstAt, short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++, w += sixteens * ROW) {
            int f = firstAt + g * height;
            ShortVector a0 = ShortVector.broadcast(S, first[f]), b0 = a0;
            ShortVector a1 = ShortVector.broadcast(S, first[f + 1]), b1 = a1;
            ShortVector a2 = ShortVector.broadcast(S, first[f + 2]), b2 = a2;
            ShortVector a3 = ShortVector.broadcast(S, first[f + 3]), b3 = a3;
            for (int j = 0; j < 4 * sixteens; j++, k += 4 * height) {
                long word = w + (j & 3) * stream + (j >> 2) * ROW;
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                v = Vectors.INTS.broadcast(x[k + 2]).reinterpretAsShorts();
                a2 = v.mul(va).add(a2);
                b2 = v.mul(vb).add(b2);
                v = Vectors.INTS.broadcast(x[k + 3]).reinterpretAsShorts();
                a3 = v.mul(va).add(a3);
                b3 = v.mul(vb).add(b3);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + height]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + height + 1]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                v = Vectors.INTS.broadcast(x[k + height + 2]).reinterpretAsShorts();
                a2 = v.mul(va).add(a2);
                b2 = v.mul(vb).add(b2);
                v = Vectors.INTS.broadcast(x[k + height + 3]).reinterpretAsShorts();
                a3 = v.mul(va).add(a3);
                b3 = v.mul(vb).add(b3);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + 2 * height]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 2 * height + 1]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                v = Vectors.INTS.broadcast(x[k + 2 * height + 2]).reinterpretAsShorts();
                a2 = v.mul(va).add(a2);
                b2 = v.mul(vb).add(b2);
                v = Vectors.INTS.broadcast(x[k + 2 * height + 3]).reinterpretAsShorts();
                a3 = v.mul(va).add(a3);
                b3 = v.mul(vb).add(b3);
                va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                v = Vectors.INTS.broadcast(x[k + 3 * height]).reinterpretAsShorts();
                a0 = v.mul(va).add(a0);
                b0 = v.mul(vb).add(b0);
                v = Vectors.INTS.broadcast(x[k + 3 * height + 1]).reinterpretAsShorts();
                a1 = v.mul(va).add(a1);
                b1 = v.mul(vb).add(b1);
                v = Vectors.INTS.broadcast(x[k + 3 * height + 2]).reinterpretAsShorts();
                a2 = v.mul(va).add(a2);
                b2 = v.mul(vb).add(b2);
                v = Vectors.INTS.broadcast(x[k + 3 * height + 3]).reinterpretAsShorts();
                a3 = v.mul(va).add(a3);
                b3 = v.mul(vb).add(b3);
            }
            int to = g * height * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
            a1.intoArray(sums, to + PANEL);
            b1.intoArray(sums, to + PANEL + LANES);
            a2.intoArray(sums, to + 2 * PANEL);
            b2.intoArray(sums, to + 2 * PANEL + LANES);
            a3.intoArray(sums, to + 3 * PANEL);
            b3.intoArray(sums, to + 3 * PANEL + LANES);
        }
    }

    private static void oneLow(int bits, long from, int groups, int quads, int[] x, int at, short[] sums,
            int column) {
        int k = at;
        long step = quads * bits * ROW / 4;
        long w = from;
        for (int g = 0; g < groups; g++, w += step) {
            ShortVector a0 = ShortVector.zero(S), b0 = a0;
            for (int half = 0; half < quads; half += 4)
                for (int j = 0; j < 4; j++, k += 4) {
                    long word = w + ((half + j) * bits >> 2) * ROW;
                    int start = (half + j) * 4 * bits & 15;
                    ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start);
                    ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start);
                    ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = Vectors.INTS.broadcast(x[k + 2]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = Vectors.INTS.broadcast(x[k + 3]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                }
            int to = g * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
        }
    }

    private static void twoLow(int bits, long from, int groups, int quads, int[] x, int at, short[] sums,
            int column) {
        int k = at;
        long step = quads * bits * ROW / 4;
        long w = from;
        for (int g = 0; g < groups; g++, w += step) {
            ShortVector a0 = ShortVector.zero(S), b0 = a0;
            ShortVector a1 = ShortVector.zero(S), b1 = a1;
            for (int j = 0; j < quads; j++) {
                long word = w + (j * bits >> 2) * ROW;
                int start = j * 4 * bits & 15;
                for (int i = 0; i < 4; i++, k += 2) {
                    ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start + i * bits);
                    ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start + i * bits);
                    ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                    a1 = v.mul(va).add(a1);
                    b1 = v.mul(vb).add(b1);
                }
            }
            int to = g * 2 * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
            a1.intoArray(sums, to + PANEL);
            b1.intoArray(sums, to + PANEL + LANES);
        }
    }

    private static void fourLow(int height, int bits, long from, int groups, int quads, int[] x, int at, short[] sums,
            int column) {
        int k = at;
        long step = quads * bits * ROW / 4;
        long w = from;
        for (int g = 0; g < groups; g++, w += step) {
            ShortVector a0 = ShortVector.zero(S), b0 = a0;
            ShortVector a1 = ShortVector.zero(S), b1 = a1;
            ShortVector a2 = ShortVector.zero(S), b2 = a2;
            ShortVector a3 = ShortVector.zero(S), b3 = a3;
            for (int j = 0; j < quads; j++) {
                long word = w + (j * bits >> 2) * ROW;
                int start = j * 4 * bits & 15;
                for (int i = 0; i < 4; i++, k += height) {
                    ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start + i * bits);
                    ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE)
                            .lanewise(VectorOperators.LSHR, start + i * bits);
                    ShortVector v = Vectors.INTS.broadcast(x[k]).reinterpretAsShorts();
                    a0 = v.mul(va).add(a0);
                    b0 = v.mul(vb).add(b0);
                    v = Vectors.INTS.broadcast(x[k + 1]).reinterpretAsShorts();
                    a1 = v.mul(va).add(a1);
                    b1 = v.mul(vb).add(b1);
                    v = Vectors.INTS.broadcast(x[k + 2]).reinterpretAsShorts();
                    a2 = v.mul(va).add(a2);
                    b2 = v.mul(vb).add(b2);
                    v = Vectors.INTS.broadcast(x[k + 3]).reinterpretAsShorts();
                    a3 = v.mul(va).add(a3);
                    b3 = v.mul(vb).add(b3);
                }
            }
            int to = g * height * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
            a1.intoArray(sums, to + PANEL);
            b1.intoArray(sums, to + PANEL + LANES);
            a2.intoArray(sums, to + 2 * PANEL);
            b2.intoArray(sums, to + 2 * PANEL + LANES);
            a3.intoArray(sums, to + 3 * PANEL);
            b3.intoArray(sums, to + 3 * PANEL + LANES);
        }
    }
}
