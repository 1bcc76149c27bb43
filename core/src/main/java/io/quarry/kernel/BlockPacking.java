package io.quarry.kernel;

import java.lang.foreign.ValueLayout;

/**
 * Takes rows of the types of {@link BlockMatrix} apart, as {@link NibbleCodec}, {@link SuperCodec} and {@link Q6Codec}
 * describe them, and puts them into the words of a panel, at one lane. Numbers travel eight at a time, one to a byte.
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

    /**
     * Packs the blocks from {@code first}, a multiple of 8, to before {@code end} of the row that begins at address {@code
     * at}.
     */
    void blocks(long at, int first, int end, short[] to, int lane) {
        long from = at + type.bytes(first * 32L);
        switch (type) {
            case Q4_0, Q4_1, Q5_0, Q5_1 -> plain(from, first, end, to, lane);
            case Q6_K -> sixes(from, first, end, to, lane);
            default -> supers(from, first, end, to, lane);
        }
    }

    /** Blocks of 32: scale, minimum if there is one, fifth bits if there are, nibbles of inputs j and j + 16. */
    private void plain(long from, int first, int end, short[] to, int lane) {
        boolean minima = type == DType.Q4_1 || type == DType.Q5_1;
        int nibblesAt = type.blockBytes() - 16;
        long at = from;
        for (int b = first; b < end; b++, at += type.blockBytes()) {
            to[scalesAt + b * PANEL + lane] = finite(Memory.ALL.get(Memory.SHORT, at), b);
            if (minima)
                to[scalesAt + (blocks + b) * PANEL + lane] = finite(Memory.ALL.get(Memory.SHORT, at + 2), b);
            int fifths = low == 0 ? 0 : Memory.ALL.get(Memory.INT, at + nibblesAt - 4);
            for (int j = 0; j < 16; j += 8) {
                long bytes = Memory.ALL.get(Memory.LONG, at + nibblesAt + j);
                put(bytes & NIBBLES | fifth(fifths >>> j), b * 32 + j, to, lane);
                put(bytes >>> 4 & NIBBLES | fifth(fifths >>> 16 + j), b * 32 + 16 + j, to, lane);
            }
        }
    }

    /** Eight bits, each as the fifth of a byte. */
    private static long fifth(int bits) {
        return Long.expand(bits & 0xFF, ONES) << 4;
    }

    private void supers(long from, int first, int end, short[] to, int lane) {
        int nibblesAt = type.blockBytes() - 128;
        long at = from;
        for (int b = first; b < end; b++) {
            if (b % SUPER == 0) {
                int factors = scalesAt + (blocks + b / SUPER * 2) * PANEL + lane;
                to[factors] = finite(Memory.ALL.get(Memory.SHORT, at), b);
                to[factors + PANEL] = finite(Memory.ALL.get(Memory.SHORT, at + 2), b);
            }
            to[scalesAt + b * PANEL + lane] = (short) scaleAndMinimum(at + 4, b % SUPER);
            for (int j = 0; j < 32; j += 8) {
                long q = Memory.ALL.get(Memory.LONG, at + nibblesAt + b % SUPER / 2 * 32 + j) >>> 4 * (b % 2) & NIBBLES;
                if (low == 1)
                    q |= (Memory.ALL.get(Memory.LONG, at + 16 + j) >>> b % SUPER & ONES) << 4;
                put(q, b * 32 + j, to, lane);
            }
            if (b % SUPER == SUPER - 1)
                at += type.blockBytes();
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

    private void sixes(long from, int first, int end, short[] to, int lane) {
        long at = from;
        for (int b = first; b < end; b++) {
            int quarter = b % SUPER;
            if (quarter == 0)
                to[scalesAt + (blocks + b / SUPER) * PANEL + lane] = finite(Memory.ALL.get(Memory.SHORT, at + 208), b);
            to[scalesAt + b * PANEL + lane] = Memory.ALL.get(Memory.SHORT, at + 192 + 2 * quarter); // of two groups of 16
            long lower = at + quarter / 4 * 64 + (quarter & 1) * 32;
            long upper = at + 128 + quarter / 4 * 32;
            for (int j = 0; j < 32; j += 8)
                put(Memory.ALL.get(Memory.LONG, lower + j) >>> 4 * (quarter >> 1 & 1) & NIBBLES
                        | (Memory.ALL.get(Memory.LONG, upper + j) >>> 2 * (quarter & 3) & THREES) << 4, b * 32 + j, to,
                        lane);
            if (quarter == SUPER - 1)
                at += type.blockBytes();
        }
    }

    /** Puts eight numbers, one to a byte, to the inputs from {@code k}. */
    private void put(long q, int k, short[] to, int lane) {
        long nibbles = q >>> low & NIBBLES;
        nibbles = (nibbles | nibbles >>> 4) & 0x00FF00FF00FF00FFL;
        nibbles |= nibbles >>> 8;
        int stream = blocks * 2 * PANEL; // numbers from one to the next
        int word = k / 4 % Matrix.STREAMS * stream + k / 16 * PANEL + lane;
        to[word] = (short) nibbles;
        to[word + stream] = (short) (nibbles >>> 32);
        if (low == 1) // the product brings the lowest bit of byte i to bit 56 + i
            to[lowAt + k / 16 * PANEL + lane] |= (short) (((q & ONES) * 0x0102040810204080L >>> 56) << k % 16);
        if (low == 2) {
            long pairs = q & THREES;
            pairs = (pairs | pairs >>> 6) & 0x000F000F000F000FL;
            pairs = (pairs | pairs >>> 12) & 0x000000FF000000FFL;
            to[lowAt + k / 8 * PANEL + lane] = (short) (pairs | pairs >>> 24);
        }
    }

    /** Kernels read 16-bit floats by their bits and know no infinite ones. */
    private short finite(short half, int block) {
        if ((half & 0x7C00) == 0x7C00)
            throw new IllegalArgumentException(
                    "a row of " + type + " has a scale or minimum that is not finite, in block "
                            + block + " of 32; the weights are damaged");
        return half;
    }
}
