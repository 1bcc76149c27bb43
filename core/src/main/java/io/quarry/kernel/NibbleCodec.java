package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Q4_0, Q4_1, Q5_0 and Q5_1 of ggml: 32 numbers share a scale d as half. Layout: d; the minimum m as half where there is
 * one; 4 bytes with the fifth bit of every number where there are five; 16 bytes, number j below, number j + 16 above.
 * x = d (q - 2^(bits-1)), or d q + m. Rounds as the reference functions of ggml do.
 */
record NibbleCodec(int bits, boolean minimum) implements Codec {
    private static final int BLOCK = 32;
    private static final int HALF = 16;

    private int highBitsAt() {
        return minimum ? 4 : 2;
    }

    private int nibblesAt() {
        return highBitsAt() + (bits == 5 ? 4 : 0);
    }

    int blockBytes() {
        return nibblesAt() + HALF;
    }

    @Override
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        int middle = minimum ? 0 : 1 << bits - 1;
        for (int end = offset + count; offset < end; offset += BLOCK, at += blockBytes()) {
            float d = Codec.half(from, at);
            float m = minimum ? Codec.half(from, at + 2) : 0;
            int high = bits == 5 ? from.get(INT, at + highBitsAt()) : 0;
            for (int j = 0; j < HALF; j++) {
                int nibbles = from.get(BYTE, at + nibblesAt() + j);
                int low = (nibbles & 15 | (high >>> j & 1) << 4) - middle;
                int up = (nibbles >> 4 & 15 | (high >>> j + HALF & 1) << 4) - middle;
                to[offset + j] = minimum ? d * low + m : d * low;
                to[offset + j + HALF] = minimum ? d * up + m : d * up;
            }
        }
    }

    @Override
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        int[] q = new int[BLOCK];
        for (int end = offset + count; offset < end; offset += BLOCK, at += blockBytes()) {
            if (minimum)
                betweenExtremes(from, offset, q, to, at);
            else
                aroundZero(from, offset, q, to, at);
            int high = 0;
            for (int j = 0; j < BLOCK; j++)
                high |= (q[j] >> 4) << j;
            if (bits == 5)
                to.set(INT, at + highBitsAt(), high);
            for (int j = 0; j < HALF; j++)
                to.set(BYTE, at + nibblesAt() + j, (byte) (q[j] & 15 | q[j + HALF] << 4));
        }
    }

    /** The number farthest from zero becomes the lowest step, of which there is one more than of the highest. */
    private void aroundZero(float[] from, int offset, int[] q, MemorySegment to, long at) {
        float farthest = 0;
        for (int j = 0; j < BLOCK; j++)
            if (Math.abs(from[offset + j]) > Math.abs(farthest))
                farthest = from[offset + j];
        int middle = 1 << bits - 1;
        float d = farthest / -middle;
        Codec.storeScale(d, to, at);
        float inverse = Codec.inverse(d);
        for (int j = 0; j < BLOCK; j++)
            q[j] = Math.min(2 * middle - 1, (int) (from[offset + j] * inverse + (middle + 0.5f)));
    }

    private void betweenExtremes(float[] from, int offset, int[] q, MemorySegment to, long at) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < BLOCK; j++) {
            min = Math.min(min, from[offset + j]);
            max = Math.max(max, from[offset + j]);
        }
        int most = (1 << bits) - 1;
        float d = (max - min) / most;
        Codec.storeScale(d, to, at);
        Codec.storeScale(min, to, at + 2);
        float inverse = Codec.inverse(d);
        for (int j = 0; j < BLOCK; j++)
            q[j] = Math.min(most, (int) ((from[offset + j] - min) * inverse + 0.5f));
    }
}
