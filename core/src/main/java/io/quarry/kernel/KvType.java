package io.quarry.kernel;

/** How keys and values are kept: what a long context costs in memory, and so in time. */
public enum KvType {
    /** As computed. */
    F32(4),
    /** IEEE halves; larger numbers than 65504 are kept as that. */
    F16(2),
    /** Eight bits, with a float scale for every 32 numbers of a head: 1.125 bytes a number. */
    Q8(1);

    private final int bytes;

    KvType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one number, without its share of a scale. */
    int bytes() {
        return bytes;
    }
}
