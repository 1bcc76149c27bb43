package io.quarry.kernel;

import java.lang.foreign.ValueLayout;

/**
 * Takes rows of the types of {@link BlockMatrix} apart, as {@link NibbleCodec}, {@link SuperCodec} and {@link Q6Codec}
 * describe them, and puts them into the words of a panel. Four rows whose lanes are neighbours go together, so that four
 * words are stored as one; numbers travel eight at a time, one to a byte. This is arithmetic on longs rather than on
 * vectors: it is as fast as memory, and it is what runs before anything is compiled.
 *
 * @param blocks   blocks of 32 inputs in a row
 * @param low      bits below the upper four
 * @param lowAt    where the words of these begin in a panel
 * @param scalesAt where the scales begin in a panel
 */
record BlockPacking(DType type, int blocks, int low, int lowAt, int scalesAt) {
    private static final int PANEL = Matrix.PANEL;
    private static final int SUPER = 8;
    private static final long ONES = 0x0101010101010101L;
    private static final long THREES = 3 * ONES;
    private static final long NIBBLES = 15 * ONES;
    private static final long EXPONENTS = 0x7C007C007C007C00L;
    private static final long LOWER_HALF = 0xFFFFFFFFL;

    /**
     * Packs a panel. Nothing of it needs to be zero before.
     *
     * @param rows    address of its first row
     * @param columns rows there are
     * @param missing address of a row of zeros, which stands for those that are not there
     * @param to      address of the panel
     */
    void panel(long rows, int columns, long missing, long to) {
        long rowBytes = type.bytes(blocks * 32L);
        for (int b = 0; b < blocks; b += SUPER) { // few enough to stay in the nearest cache for all rows
            int end = Math.min(blocks, b + SUPER);
            long from = type.bytes(b * 32L);
            for (int lane = 0; lane < PANEL; lane += 4) { // see Matrix.lane
                int o = lane & 32 | (lane & 31) >>> 1;
                blocks((o < columns ? rows + o * rowBytes : missing) + from,
                        (o + 16 < columns ? rows + (o + 16) * rowBytes : missing) + from,
                        (o + 1 < columns ? rows + (o + 1) * rowBytes : missing) + from,
                        (o + 17 < columns ? rows + (o + 17) * rowBytes : missing) + from, b, end, to + 2 * lane);
            }
        }
    }

    /** Packs the blocks from {@code first}, a multiple of 8, to before {@code end} of four rows, from where it begins. */
    private void blocks(long r0, long r1, long r2, long r3, int first, int end, long to) {
        switch (type) {
            case Q4_0, Q4_1, Q5_0, Q5_1 -> plain(r0, r1, r2, r3, first, end, to);
            case Q6_K -> sixes(r0, r1, r2, r3, first, end, to);
            default -> supers(r0, r1, r2, r3, first, end, to);
        }
    }

    /** Blocks of 32: scale, minimum if there is one, fifth bits if there are, nibbles of inputs j and j + 16. */
    private void plain(long r0, long r1, long r2, long r3, int first, int end, long to) {
        boolean minima = type == DType.Q4_1 || type == DType.Q5_1;
        int nibblesAt = type.blockBytes() - 16;
        for (int b = first; b < end; b++) {
            long at = (long) (b - first) * type.blockBytes();
            halves(r0 + at, r1 + at, r2 + at, r3 + at, b, scalesAt + b * PANEL, to);
            if (minima)
                halves(r0 + at + 2, r1 + at + 2, r2 + at + 2, r3 + at + 2, b, scalesAt + (blocks + b) * PANEL, to);
            at += nibblesAt;
            for (int j = 0; j < 16; j += 8) {
                long q0 = long64(r0 + at + j);
                long q1 = long64(r1 + at + j);
                long q2 = long64(r2 + at + j);
                long q3 = long64(r3 + at + j);
                if (low == 0) {
                    put(q0, q1, q2, q3, b * 32 + j, to);
                    put(q0 >>> 4, q1 >>> 4, q2 >>> 4, q3 >>> 4, b * 32 + 16 + j, to);
                } else {
                    fives(q0, q1, q2, q3, r0 + at - 4, r1 + at - 4, r2 + at - 4, r3 + at - 4, j, b * 32 + j, to);
                    fives(q0 >>> 4, q1 >>> 4, q2 >>> 4, q3 >>> 4, r0 + at - 4, r1 + at - 4, r2 + at - 4, r3 + at - 4,
                            16 + j, b * 32 + 16 + j, to);
                }
            }
        }
    }

    /** Puts numbers whose lower four bits are given, and whose fifth bits stand at addresses, from bit {@code j} on. */
    private void fives(long q0, long q1, long q2, long q3, long f0, long f1, long f2, long f3, int j, int k, long to) {
        putBoth(q0 & NIBBLES | fifth(f0, j), q1 & NIBBLES | fifth(f1, j), q2 & NIBBLES | fifth(f2, j),
                q3 & NIBBLES | fifth(f3, j), k, to);
    }

    /** Eight bits, each as the fifth of a byte. */
    private static long fifth(long at, int j) {
        long each = (Memory.ALL.get(Memory.INT, at) >>> j & 0xFF) * ONES & 0x8040201008040201L; // byte i has bit i alone
        return each + 127 * ONES >>> 3 & 16 * ONES;
    }

    private void supers(long r0, long r1, long r2, long r3, int first, int end, long to) {
        int nibblesAt = type.blockBytes() - 128;
        for (int b = first; b < end; b++) {
            long at = (long) ((b - first) / SUPER) * type.blockBytes();
            int i = b % SUPER;
            if (i == 0) {
                int factors = scalesAt + (blocks + b / SUPER * 2) * PANEL;
                halves(r0 + at, r1 + at, r2 + at, r3 + at, b, factors, to);
                halves(r0 + at + 2, r1 + at + 2, r2 + at + 2, r3 + at + 2, b, factors + PANEL, to);
            }
            set(scalesAt + b * PANEL, beside(scaleAndMinimum(r0 + at + 4, i), scaleAndMinimum(r1 + at + 4, i),
                    scaleAndMinimum(r2 + at + 4, i), scaleAndMinimum(r3 + at + 4, i)), to);
            at += nibblesAt + i / 2 * 32;
            long fifths = 16 - nibblesAt - i / 2 * 32; // from where the nibbles are
            int shift = 4 * (i % 2);
            for (int j = 0; j < 32; j += 8, at += 8) {
                long q0 = long64(r0 + at) >>> shift;
                long q1 = long64(r1 + at) >>> shift;
                long q2 = long64(r2 + at) >>> shift;
                long q3 = long64(r3 + at) >>> shift;
                if (low == 0)
                    put(q0, q1, q2, q3, b * 32 + j, to);
                else
                    putBoth(q0 & NIBBLES | (long64(r0 + at + fifths) >>> i & ONES) << 4,
                            q1 & NIBBLES | (long64(r1 + at + fifths) >>> i & ONES) << 4,
                            q2 & NIBBLES | (long64(r2 + at + fifths) >>> i & ONES) << 4,
                            q3 & NIBBLES | (long64(r3 + at + fifths) >>> i & ONES) << 4, b * 32 + j, to);
            }
        }
    }

    /** Scale of block {@code b} in the low byte, minimum in the high one, from the twelve bytes of a block of 256. */
    private static int scaleAndMinimum(long twelve, int b) {
        int first = Memory.ALL.get(ValueLayout.JAVA_BYTE, twelve + b % 4);
        int second = Memory.ALL.get(ValueLayout.JAVA_BYTE, twelve + 4 + b % 4);
        if (b < 4)
            return first & 63 | (second & 63) << 8;
        int third = Memory.ALL.get(ValueLayout.JAVA_BYTE, twelve + 4 + b);
        return third & 15 | (first >> 6 & 3) << 4 | (third >> 4 & 15) << 8 | (second >> 6 & 3) << 12;
    }

    private void sixes(long r0, long r1, long r2, long r3, int first, int end, long to) {
        for (int b = first; b < end; b++) {
            long at = (long) ((b - first) / SUPER) * type.blockBytes();
            int quarter = b % SUPER;
            if (quarter == 0)
                halves(r0 + at + 208, r1 + at + 208, r2 + at + 208, r3 + at + 208, b,
                        scalesAt + (blocks + b / SUPER) * PANEL, to);
            long scales = at + 192 + 2 * quarter; // of two groups of 16
            set(scalesAt + b * PANEL, four(r0 + scales, r1 + scales, r2 + scales, r3 + scales), to);
            long lower = at + quarter / 4 * 64 + (quarter & 1) * 32;
            long upper = at + 128 + quarter / 4 * 32;
            for (int j = 0; j < 32; j += 8)
                putBoth(six(r0 + lower + j, r0 + upper + j, quarter), six(r1 + lower + j, r1 + upper + j, quarter),
                        six(r2 + lower + j, r2 + upper + j, quarter), six(r3 + lower + j, r3 + upper + j, quarter),
                        b * 32 + j, to);
        }
    }

    private static long six(long lower, long upper, int quarter) {
        return long64(lower) >>> 4 * (quarter >> 1 & 1) & NIBBLES
                | (long64(upper) >>> 2 * (quarter & 3) & THREES) << 4;
    }

    /** Puts eight numbers of each row, one to a byte, to the inputs from {@code k}. */
    private void putBoth(long q0, long q1, long q2, long q3, int k, long to) {
        put(q0 >>> low, q1 >>> low, q2 >>> low, q3 >>> low, k, to);
        if (low == 1) { // words of sixteen inputs, of which the first eight come first
            long bits = bits(q0) | bits(q1) << 16 | bits(q2) << 32 | bits(q3) << 48;
            int word = lowAt + k / 16 * PANEL;
            set(word, k % 16 == 0 ? bits : long64(to + 2L * word) | bits << 8, to);
        } else {
            set(lowAt + k / 8 * PANEL, pairs(q0) | pairs(q1) << 16 | pairs(q2) << 32 | pairs(q3) << 48, to);
        }
    }

    /** The lowest bit of each byte: the product brings that of byte i to bit 56 + i. */
    private static long bits(long q) {
        return (q & ONES) * 0x0102040810204080L >>> 56;
    }

    /** The lowest two bits of each byte. */
    private static long pairs(long q) {
        long pairs = q & THREES;
        pairs = (pairs | pairs >>> 6) & 0x000F000F000F000FL;
        pairs = (pairs | pairs >>> 12) & 0x000000FF000000FFL;
        return (pairs | pairs >>> 24) & 0xFFFF;
    }

    /** Puts the lower four bits of eight bytes of each row to the inputs from {@code k}: two words of each. */
    private void put(long q0, long q1, long q2, long q3, int k, long to) {
        long first = words(q0) | words(q1) << 16;
        long second = words(q2) | words(q3) << 16;
        int stream = blocks * 2 * PANEL; // words from one to the next
        int word = k / 4 % Matrix.STREAMS * stream + k / 16 * PANEL;
        set(word, first & LOWER_HALF | second << 32, to);
        set(word + stream, first >>> 32 | second & ~LOWER_HALF, to);
    }

    /** The lower four bits of eight bytes as two words, each in half a long. */
    private static long words(long q) {
        long nibbles = q & NIBBLES;
        nibbles = (nibbles | nibbles >>> 4) & 0x00FF00FF00FF00FFL;
        return (nibbles | nibbles >>> 8) & 0x0000FFFF0000FFFFL;
    }

    /** Puts a 16-bit float of each row; kernels read these by their bits and know no infinite ones. */
    private void halves(long r0, long r1, long r2, long r3, int block, int word, long to) {
        long four = four(r0, r1, r2, r3);
        if (((~four & EXPONENTS) + EXPONENTS & 0x8000800080008000L) != 0x8000800080008000L)
            throw new IllegalArgumentException(
                    "a row of " + type + " has a scale or minimum that is not finite, in block "
                            + block + " of 32; the weights are damaged");
        set(word, four, to);
    }

    /** The words at four addresses side by side. */
    private static long four(long r0, long r1, long r2, long r3) {
        return beside(Memory.ALL.get(Memory.SHORT, r0), Memory.ALL.get(Memory.SHORT, r1),
                Memory.ALL.get(Memory.SHORT, r2), Memory.ALL.get(Memory.SHORT, r3));
    }

    private static long beside(int w0, int w1, int w2, int w3) {
        return w0 & 0xFFFF | (w1 & 0xFFFFL) << 16 | (w2 & 0xFFFFL) << 32 | (long) w3 << 48;
    }

    private static long long64(long at) {
        return Memory.ALL.get(Memory.LONG, at);
    }

    private static void set(int word, long four, long to) {
        Memory.ALL.set(Memory.LONG, to + 2L * word, four);
    }
}
