package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How one number of a tensor is stored, and the way to and from {@code float}. All files are little endian. */
public enum DType {
    F32(4), BF16(2), F16(2);

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }

    /** Widens {@code count} numbers that begin at byte {@code at} of {@code from} to floats; exact for every type. */
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        switch (this) {
            case F32 -> MemorySegment.copy(from, FLOAT, at, to, offset, count);
            case BF16 -> {
                for (int i = 0; i < count; i++)
                    to[offset + i] = Float.intBitsToFloat(from.get(SHORT, at + 2L * i) << 16);
            }
            case F16 -> {
                for (int i = 0; i < count; i++)
                    to[offset + i] = Float.float16ToFloat(from.get(SHORT, at + 2L * i));
            }
        }
    }

    /** Stores {@code count} floats from byte {@code at} of {@code to}, rounded to nearest even. */
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        switch (this) {
            case F32 -> MemorySegment.copy(from, offset, to, FLOAT, at, count);
            case BF16 -> {
                for (int i = 0; i < count; i++)
                    to.set(SHORT, at + 2L * i, bf16(from[offset + i]));
            }
            case F16 -> {
                for (int i = 0; i < count; i++)
                    to.set(SHORT, at + 2L * i, Float.floatToFloat16(from[offset + i]));
            }
        }
    }

    /** The upper half of a float, rounded to nearest even; NaN stays NaN. */
    static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value))
            return (short) (bits >>> 16 | 0x40);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
