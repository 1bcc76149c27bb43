package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * How the numbers of a tensor are stored, and the way to and from {@code float}: number by number, or in blocks that share
 * scales. The block types are those of ggml, F8_E4M3 is that of safetensors. All files are little endian.
 */
public enum DType {
    F32(1, 4, 0, PlainCodec.F32), BF16(1, 2, 30, PlainCodec.BF16), F16(1, 2, 1, PlainCodec.F16), F8_E4M3(1, 1, -1,
            PlainCodec.F8_E4M3), Q4_0(2, new NibbleCodec(4, false)), Q4_1(3, new NibbleCodec(4, true)), Q5_0(6,
                    new NibbleCodec(5, false)), Q5_1(7, new NibbleCodec(5, true)), Q8_0(32, Q8Codec.BYTES, 8,
                            new Q8Codec()), Q4_K(12, new SuperCodec(4)), Q5_K(13, new SuperCodec(5)), Q6_K(256,
                                    Q6Codec.BYTES, 14, new Q6Codec()), MXFP4(32, Fp4Codec.BYTES, 39, new Fp4Codec());

    private final int block;
    private final int blockBytes;
    private final int ggmlId;
    private final Codec codec;

    DType(int block, int blockBytes, int ggmlId, Codec codec) {
        this.block = block;
        this.blockBytes = blockBytes;
        this.ggmlId = ggmlId;
        this.codec = codec;
    }

    DType(int ggmlId, NibbleCodec codec) {
        this(32, codec.blockBytes(), ggmlId, codec);
    }

    DType(int ggmlId, SuperCodec codec) {
        this(256, codec.blockBytes(), ggmlId, codec);
    }

    /** Numbers of one block; 1 where every number stands by itself. */
    public int block() {
        return block;
    }

    /** Bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of {@code elements} numbers; throws where that is no whole number of blocks or more than a long counts. */
    public long bytes(long elements) {
        if (elements < 0 || elements % block != 0)
            throw new IllegalArgumentException(
                    this + " stores blocks of " + block + " numbers, " + elements + " is no whole number of them");
        long blocks = elements / block;
        if (blocks > Long.MAX_VALUE / blockBytes)
            throw new IllegalArgumentException(
                    elements + " numbers as " + this + " take more bytes than a long counts");
        return blocks * blockBytes;
    }

    /** The number ggml and GGUF files have for this type; throws for F8_E4M3, which has none. */
    public int ggmlId() {
        if (ggmlId < 0)
            throw new IllegalArgumentException(this + " is no type of GGUF files");
        return ggmlId;
    }

    /** The type with that number in ggml, if it is one of these. */
    public static Optional<DType> ofGgmlId(int id) {
        return Arrays.stream(values()).filter(type -> type.ggmlId == id && id >= 0).findFirst();
    }

    /**
     * Widens {@code count} numbers that begin at byte {@code at} of {@code from} to floats; exact for the plain types, for
     * blocks rounded as ggml does it.
     *
     * @param count whole blocks
     */
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        bytes(count);
        codec.widen(from, at, to, offset, count);
    }

    /**
     * Stores {@code count} floats from byte {@code at} of {@code to}: plain types rounded to nearest even, Q4_0 to Q8_0 and
     * MXFP4 as ggml's reference functions round, the K types by a search of their own for the least error. Blocks take
     * finite numbers only.
     *
     * @param count whole blocks
     */
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        bytes(count);
        if (block > 1)
            for (int i = offset; i < offset + count; i++)
                if (!Float.isFinite(from[i]))
                    throw new IllegalArgumentException("number " + (i - offset) + " is " + from[i] + ", " + this
                            + " stores finite numbers only");
        codec.narrow(from, offset, count, to, at);
    }

    /** The upper half of a float, rounded to nearest even; NaN stays NaN. */
    static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value))
            return (short) (bits >>> 16 | 0x40);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
