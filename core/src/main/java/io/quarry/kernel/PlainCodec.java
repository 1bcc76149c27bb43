package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/** Types that store every number by itself; all round to nearest even. */
enum PlainCodec implements Codec {
    F32 {
        @Override
        public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
            MemorySegment.copy(from, FLOAT, at, to, offset, count);
        }

        @Override
        public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
            MemorySegment.copy(from, offset, to, FLOAT, at, count);
        }
    },
    BF16 {
        @Override
        public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
            for (int i = 0; i < count; i++)
                to[offset + i] = Float.intBitsToFloat(from.get(SHORT, at + 2L * i) << 16);
        }

        @Override
        public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
            for (int i = 0; i < count; i++)
                to.set(SHORT, at + 2L * i, DType.bf16(from[offset + i]));
        }
    },
    F16 {
        @Override
        public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
            for (int i = 0; i < count; i++)
                to[offset + i] = Codec.half(from, at + 2L * i);
        }

        @Override
        public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
            for (int i = 0; i < count; i++)
                to.set(SHORT, at + 2L * i, Float.floatToFloat16(from[offset + i]));
        }
    },
    /** Sign, four bits of exponent with bias 7, three of mantissa; no infinities, NaN is 0x7F, the largest is 448. */
    F8_E4M3 {
        @Override
        public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
            for (int i = 0; i < count; i++)
                to[offset + i] = F8[from.get(BYTE, at + i) & 0xFF];
        }

        @Override
        public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
            for (int i = 0; i < count; i++)
                to.set(BYTE, at + i, f8(from[offset + i]));
        }
    };

    private static final float[] F8 = new float[256];
    static {
        for (int bits = 0; bits < 256; bits++) {
            int exponent = bits >> 3 & 15;
            float size = exponent == 0
                    ? (bits & 7) * 0x1p-9f
                    : Math.scalb(1 + (bits & 7) / 8f, exponent - 7);
            F8[bits] = (bits & 0x7F) == 0x7F ? Float.NaN : bits < 128 ? size : -size;
        }
    }

    /** What rounds above 448 becomes NaN, as torch does it. */
    private static byte f8(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
        float size = Math.abs(value);
        if (!(size <= 464)) // half way between 448 and the next, which would be 480
            return (byte) (sign | 0x7F);
        if (size < 0x1p-6f) // steps of 2^-9; 8 of them are the smallest number with a full mantissa
            return (byte) (sign | (int) Math.rint(size * 0x1p9f));
        int bits = Float.floatToRawIntBits(size);
        int rounded = bits + 0x7FFFF + (bits >>> 20 & 1) >>> 20; // exponent and three bits of mantissa
        return (byte) (sign | rounded - (127 - 7 << 3));
    }
}
