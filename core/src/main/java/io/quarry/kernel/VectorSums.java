package io.quarry.kernel;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of products of {@link BlockKernels#sums} for one, two or four rows and two registers of outputs; a tile of eight rows is twice four, because a
 * method for all of them has more vector operations than the compiler can hold (some times it gives up and boxes them, a
 * hundred times slower), once for words
 * of nibbles, where four shifts by four are all, and once for words of fewer bits. Written out because a register needs a
 * variable of its own; an inner loop has a fixed number of turns, or its compiler cuts it in strips and spills all
 * registers between them.
 */
final class VectorSums {
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
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
            int firstAt,
            short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++) {
            ShortVector a0 = ShortVector.broadcast(S, first[firstAt + g]), b0 = a0;
            for (int i = 0; i < sixteens; i++, w += ROW)
                for (int j = 0; j < 4; j++, k += 4) {
                    long word = w + j * stream;
                    ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                    ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = IntVector.broadcast(I, x[k + 2]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                    v = IntVector.broadcast(I, x[k + 3]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                }
            int to = g * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
        }
    }

    private static void two(long from, long stream, int groups, int sixteens, int[] x, int at, short[] first,
            int firstAt,
            short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++, w += sixteens * ROW) {
            int f = firstAt + g * 2;
            ShortVector a0 = ShortVector.broadcast(S, first[f]), b0 = a0;
            ShortVector a1 = ShortVector.broadcast(S, first[f + 1]), b1 = a1;
            for (int j = 0; j < 4 * sixteens; j++) {
                long word = w + (j & 3) * stream + (j >> 2) * ROW;
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                for (int i = 0; i < 4; i++, k += 2) {
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a1 = a1.add(va.mul(v));
                    b1 = b1.add(vb.mul(v));
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
                }
            }
            int to = g * 2 * PANEL + column;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + LANES);
            a1.intoArray(sums, to + PANEL);
            b1.intoArray(sums, to + PANEL + LANES);
        }
    }

    private static void four(int height, long from, long stream, int groups, int sixteens, int[] x, int at,
            short[] first,
            int firstAt, short[] sums, int column) {
        int k = at;
        long w = from;
        for (int g = 0; g < groups; g++, w += sixteens * ROW) {
            int f = firstAt + g * height;
            ShortVector a0 = ShortVector.broadcast(S, first[f]), b0 = a0;
            ShortVector a1 = ShortVector.broadcast(S, first[f + 1]), b1 = a1;
            ShortVector a2 = ShortVector.broadcast(S, first[f + 2]), b2 = a2;
            ShortVector a3 = ShortVector.broadcast(S, first[f + 3]), b3 = a3;
            for (int j = 0; j < 4 * sixteens; j++) {
                long word = w + (j & 3) * stream + (j >> 2) * ROW;
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE);
                for (int i = 0; i < 4; i++, k += height) {
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a1 = a1.add(va.mul(v));
                    b1 = b1.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 2]).reinterpretAsShorts();
                    a2 = a2.add(va.mul(v));
                    b2 = b2.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 3]).reinterpretAsShorts();
                    a3 = a3.add(va.mul(v));
                    b3 = b3.add(vb.mul(v));
                    va = BY_LANES ? va.lanewise(VectorOperators.LSHR, FOUR) : va.lanewise(VectorOperators.LSHR, 4);
                    vb = BY_LANES ? vb.lanewise(VectorOperators.LSHR, FOUR) : vb.lanewise(VectorOperators.LSHR, 4);
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
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = IntVector.broadcast(I, x[k + 2]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
                    v = IntVector.broadcast(I, x[k + 3]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
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
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE)
                        .lanewise(VectorOperators.LSHR, start);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE)
                        .lanewise(VectorOperators.LSHR, start);
                for (int i = 0; i < 4; i++, k += 2) {
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a1 = a1.add(va.mul(v));
                    b1 = b1.add(vb.mul(v));
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
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
                ShortVector va = ShortVector.fromMemorySegment(S, Memory.ALL, word, Memory.LITTLE)
                        .lanewise(VectorOperators.LSHR, start);
                ShortVector vb = ShortVector.fromMemorySegment(S, Memory.ALL, word + NEXT, Memory.LITTLE)
                        .lanewise(VectorOperators.LSHR, start);
                for (int i = 0; i < 4; i++, k += height) {
                    ShortVector v = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
                    a0 = a0.add(va.mul(v));
                    b0 = b0.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
                    a1 = a1.add(va.mul(v));
                    b1 = b1.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 2]).reinterpretAsShorts();
                    a2 = a2.add(va.mul(v));
                    b2 = b2.add(vb.mul(v));
                    v = IntVector.broadcast(I, x[k + 3]).reinterpretAsShorts();
                    a3 = a3.add(va.mul(v));
                    b3 = b3.add(vb.mul(v));
                    va = va.lanewise(VectorOperators.LSHR, bits);
                    vb = vb.lanewise(VectorOperators.LSHR, bits);
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
