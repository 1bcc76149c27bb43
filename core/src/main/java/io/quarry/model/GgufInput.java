package io.quarry.model;

import io.quarry.model.GgufValue.Type;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads the head of a GGUF file from its begin on. No length is believed before that much is known to be there. */
final class GgufInput {
    /** Of a key or a tensor's name; the format allows keys as long as this. */
    private static final int LONGEST_NAME = 65_535;
    /** Of a text, a chat template for instance. */
    private static final long LONGEST_TEXT = 1L << 28;
    /** Elements of an array; the largest that exist, lists of merges, have less than a million. */
    private static final long LONGEST_ARRAY = 1L << 24;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment all;
    private long at;

    GgufInput(Path file, MemorySegment all) {
        this.file = file;
        this.all = all;
    }

    /** Where the next byte is read. */
    long at() {
        return at;
    }

    /** Everything that is wrong is said with the file and what was being read. */
    IOException wrong(String what, String found) {
        return new IOException(file + ", " + what + ": " + found);
    }

    private void need(String what, long bytes) throws IOException {
        if (bytes > all.byteSize() - at)
            throw wrong(what,
                    "the file ends after " + all.byteSize() + " bytes, " + bytes + " more are needed from byte "
                            + at + " on; it is not whole");
    }

    int u32(String what) throws IOException {
        need(what, 4);
        at += 4;
        return all.get(INT, at - 4);
    }

    long u64(String what) throws IOException {
        need(what, 8);
        at += 8;
        return all.get(LONG, at - 8);
    }

    /** A count or length from 0 to {@code most}; as an unsigned number it may be anything. */
    long count(String what, long most) throws IOException {
        long n = u64(what);
        if (n < 0 || n > most)
            throw wrong(what, "found " + Long.toUnsignedString(n) + ", expected at most " + most);
        return n;
    }

    /** A key or the name of a tensor. */
    String name(String what) throws IOException {
        long length = count(what, LONGEST_NAME);
        need(what, length);
        MemorySegment utf8 = all.asSlice(at, length);
        at += length;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8.toArray(ValueLayout.JAVA_BYTE)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ", " + what + ": the name " + GgufValue.shown(utf8) + " is no UTF-8", e);
        }
    }

    GgufValue value(String what) throws IOException {
        Type type = type(what);
        if (type != Type.ARRAY)
            return new GgufValue(type, null, 1, elements(what, type, 1));
        Type elements = type(what);
        if (elements == Type.ARRAY)
            throw wrong(what, "an array of arrays, which no reader of GGUF files takes");
        long count = count(what, LONGEST_ARRAY);
        return new GgufValue(type, elements, count, elements(what, elements, count));
    }

    private Type type(String what) throws IOException {
        int id = u32(what);
        if (id < 0 || id >= Type.values().length)
            throw wrong(what, "found value type " + Integer.toUnsignedString(id) + ", known are 0 to "
                    + (Type.values().length - 1));
        return Type.values()[id];
    }

    private MemorySegment elements(String what, Type type, long count) throws IOException {
        long begin = at;
        if (type == Type.STRING) {
            need(what, 8 * count);
            for (long i = 0; i < count; i++) {
                long length = count(what, LONGEST_TEXT);
                need(what, length);
                at += length;
            }
        } else {
            need(what, type.bytes() * count);
            at += type.bytes() * count;
        }
        MemorySegment bytes = all.asSlice(begin, at - begin);
        if (type == Type.BOOL)
            for (long i = 0; i < count; i++)
                if ((bytes.get(ValueLayout.JAVA_BYTE, i) & 0xFE) != 0)
                    throw wrong(what, "found the byte " + bytes.get(ValueLayout.JAVA_BYTE, i) + " for true or false");
        return bytes;
    }
}
