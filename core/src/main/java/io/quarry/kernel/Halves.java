package io.quarry.kernel;

/**
 * How products with halves are taken without a conversion instruction: the bits of a half, moved to where a float has
 * them, are the float of the same number times 2^-112. Its partner is multiplied by 2^64 beforehand and the sum by 2^48
 * afterwards: powers of two, so that not a bit is lost, and nothing on the way leaves the range of a float.
 */
final class Halves {
    /** What a number is multiplied by before it meets halves. */
    static final float PARTNER = 0x1p64f;
    /** What a sum of such products is multiplied by. */
    static final float RESULT = 0x1p48f;
    /** The largest half. */
    static final float MAX = 65504;

    private Halves() {}

    /** The nearest half; NaN stays NaN. */
    static short of(float value) {
        return Float.floatToFloat16(Math.max(-MAX, Math.min(MAX, value)));
    }

    /** The number times 2^-112. */
    static float raw(short half) {
        return Float.intBitsToFloat(half << 13 & 0x8fffffff);
    }
}
