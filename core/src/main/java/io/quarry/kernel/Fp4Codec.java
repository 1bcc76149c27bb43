package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * MXFP4 of ggml (OCP Microscaling 1.0): 32 numbers of one sign bit, two of exponent, one of mantissa share a power of two.
 * Layout: the exponent as one byte; 16 bytes, number j below, number j + 16 above.
 */
record Fp4Codec() implements Codec {
    private static final int BLOCK = 32;
    private static final int HALF = 16;
    static final int BYTES = 1 + HALF;
    /** Twice the eight sizes that exist, so that all are whole; the block's power is halved for it. */
    private static final int[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    /** Half way between neighbours; a number there takes the smaller one. */
    private static final float[] BORDERS = {0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10};

    @Override
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            float d = halfPower(from.get(BYTE, at) & 0xFF);
            for (int j = 0; j < HALF; j++) {
                int nibbles = from.get(BYTE, at + 1 + j);
                to[offset + j] = d * DOUBLED[nibbles & 15];
                to[offset + j + HALF] = d * DOUBLED[nibbles >> 4 & 15];
            }
        }
    }

    @Override
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            float most = 0;
            for (int j = 0; j < BLOCK; j++)
                most = Math.max(most, Math.abs(from[offset + j]));
            int exponent = most == 0 ? 0 : Math.max(0, Math.getExponent(most) - 2 + 127);
            to.set(BYTE, at, (byte) exponent);
            float d = halfPower(exponent);
            for (int j = 0; j < HALF; j++)
                to.set(BYTE, at + 1 + j,
                        (byte) (nearest(from[offset + j] / d) | nearest(from[offset + j + HALF] / d) << 4));
        }
    }

    private static int nearest(float steps) {
        float size = Math.abs(steps);
        int q = 0;
        while (q < BORDERS.length && size > BORDERS[q])
            q++;
        return q > 0 && steps < 0 ? q + 8 : q;
    }

    /** 2^(exponent - 128), which is no normal number for exponents 0 and 1. */
    private static float halfPower(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23);
    }
}
