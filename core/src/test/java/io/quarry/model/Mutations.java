package io.quarry.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Makes bad files of good ones: bits and bytes turned, numbers made large, parts cut out, doubled, moved. */
public final class Mutations {
    private static final long[] NUMBERS = {0, 1, -1, 2, 7, 31, 33, 255, 65_535, 1 << 20, Integer.MAX_VALUE,
        Integer.MIN_VALUE, 0xFFFFFFFFL, 1L << 32, 1L << 40, 1L << 61, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -8,
        -32};
    private static final byte[] SIGNS = "0123456789[]{},:\"-+.eE\\u nulltrue".getBytes(StandardCharsets.US_ASCII);

    private final RandomGenerator random;

    public Mutations(RandomGenerator random) {
        this.random = random;
    }

    /** A copy with one to four changes, most of them within the first {@code head} bytes. */
    public byte[] of(byte[] good, int head) {
        byte[] bad = good.clone();
        for (int changes = random.nextInt(1, 5); changes > 0; changes--)
            bad = changed(bad, random.nextInt(8) == 0 ? bad.length : Math.min(head, bad.length));
        return bad;
    }

    private byte[] changed(byte[] bytes, int within) {
        if (within == 0)
            return new byte[random.nextInt(1, 9)];
        int at = random.nextInt(within);
        int length = Math.min(bytes.length - at, random.nextInt(1, 1 + random.nextInt(1, 40)));
        switch (random.nextInt(9)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 -> bytes[at] = SIGNS[random.nextInt(SIGNS.length)];
            case 3 -> number(bytes, at, 4);
            case 4 -> number(bytes, at, 8);
            case 5 -> System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
            case 6 -> bytes = joined(bytes, at, at + length); // cut out
            case 7 -> bytes = joined(bytes, at + length, at); // doubled
            default -> bytes = random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, at);
        }
        return bytes;
    }

    private void number(byte[] bytes, int at, int width) {
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        number.putLong(NUMBERS[random.nextInt(NUMBERS.length)] + random.nextInt(-1, 2));
        System.arraycopy(number.array(), 0, bytes, at, Math.min(width, bytes.length - at));
    }

    /** The bytes before {@code end} and then those from {@code begin} on. */
    private static byte[] joined(byte[] bytes, int end, int begin) {
        byte[] out = new byte[end + bytes.length - begin];
        System.arraycopy(bytes, 0, out, 0, end);
        System.arraycopy(bytes, begin, out, end, bytes.length - begin);
        return out;
    }
}
