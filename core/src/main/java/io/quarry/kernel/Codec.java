package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The way of one storage type to floats and back. Positions in memory count bytes, {@code count} counts numbers and is a
 * whole number of blocks; {@link DType} has checked it.
 */
interface Codec {
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    void widen(MemorySegment from, long at, float[] to, int offset, int count);

    void narrow(float[] from, int offset, int count, MemorySegment to, long at);

    static float half(MemorySegment from, long at) {
        return Float.float16ToFloat(from.get(SHORT, at));
    }

    /** Stores the scale of a block as half; throws where a half cannot hold it. Gives it back as it was stored. */
    static float storeScale(float scale, MemorySegment to, long at) {
        short half = Float.floatToFloat16(scale);
        float stored = Float.float16ToFloat(half);
        if (!(Math.abs(stored) <= 65504))
            throw new IllegalArgumentException("a block of these numbers needs the scale " + scale
                    + ", which a half cannot hold: the numbers must be finite and not above some 10^5");
        to.set(SHORT, at, half);
        return stored;
    }

    /** {@code 1 / scale}, or 0 where that is no finite number: such a block is zero. */
    static float inverse(float scale) {
        return Math.abs(scale) < Float.MIN_NORMAL ? 0 : 1 / scale;
    }

    /** Rounds half away from zero, as C's {@code roundf}. */
    static int round(float value) {
        int whole = (int) Math.abs(value);
        if (2 * (Math.abs(value) - whole) >= 1)
            whole++;
        return value < 0 ? -whole : whole;
    }
}
