package io.quarry.kernel;

/**
 * Where the keys and values of one head stand in its block of a page. A block holds {@value #SLOTS} positions. Its keys
 * are {@code [headDim, SLOTS]}, so that a register takes the same component of many keys, its values
 * {@code [SLOTS, width]}; then, for {@link KvType#Q8}, the scales of keys and of values, each
 * {@code [width / BLOCK, SLOTS]} floats. Numbers are in the machine's byte order: a cache never leaves its process.
 * Memory of a page begins as zeros; what only fills up a value is never written.
 *
 * @param type    how a number is stored
 * @param headDim size of a head
 */
public record KvLayout(KvType type, int headDim) {
    /** Positions of one page. */
    public static final int SLOTS = 64;
    /** Numbers of a key or a value that share a scale; also the widest panel that the kernels take at once. */
    static final int BLOCK = 32;

    public KvLayout {
        if (headDim < 1 || headDim > 1 << 16)
            throw new IllegalArgumentException("headDim must be in [1, 65536], was " + headDim);
    }

    /** Numbers of one value, and of one row of what is gathered: {@code headDim} filled up with zeros. */
    public int width() {
        return width(headDim);
    }

    /** The same for a head of any size. */
    public static int width(int headDim) {
        return Math.ceilDiv(headDim, BLOCK) * BLOCK;
    }

    /** Groups of numbers that share a scale. */
    int blocks() {
        return width() / BLOCK;
    }

    /** Byte at which the values begin. */
    long values() {
        return (long) headDim * SLOTS * type.bytes();
    }

    /** Byte at which the scales of the keys begin. */
    long keyScales() {
        return values() + (long) width() * SLOTS * type.bytes();
    }

    /** Byte at which the scales of the values begin. */
    long valueScales() {
        return keyScales() + scaleBytes();
    }

    private long scaleBytes() {
        return type == KvType.Q8 ? (long) blocks() * SLOTS * Float.BYTES : 0;
    }

    /** Bytes of the block of one head. */
    public long bytes() {
        return valueScales() + scaleBytes();
    }
}
