package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/** Q8_0 of ggml: 32 numbers as bytes behind their scale, a half; x = d q. Rounds as the reference function does. */
record Q8Codec() implements Codec {
    private static final int BLOCK = 32;
    static final int BYTES = 2 + BLOCK;

    @Override
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            float d = Codec.half(from, at);
            for (int j = 0; j < BLOCK; j++)
                to[offset + j] = d * from.get(BYTE, at + 2 + j);
        }
    }

    @Override
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            float most = 0;
            for (int j = 0; j < BLOCK; j++)
                most = Math.max(most, Math.abs(from[offset + j]));
            float d = most / 127;
            Codec.storeScale(d, to, at);
            float inverse = Codec.inverse(d);
            for (int j = 0; j < BLOCK; j++)
                to.set(BYTE, at + 2 + j, (byte) Codec.round(from[offset + j] * inverse));
        }
    }
}
