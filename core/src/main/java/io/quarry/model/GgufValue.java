package io.quarry.model;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One value of a GGUF file's metadata, as its bytes: read from a file without a copy, or made by one of the functions here.
 *
 * @param type     what it is
 * @param elements what an array holds; null for everything else
 * @param count    numbers or strings of an array; 1 for everything else
 * @param bytes    little endian; of an array without its type and count
 */
public record GgufValue(Type type, Type elements, long count, MemorySegment bytes) {
    /** The types of values in the order of their numbers in the file. */
    public enum Type {
        U8(1), I8(1), U16(2), I16(2), U32(4), I32(4), F32(4), BOOL(1), STRING(0), ARRAY(0), U64(8), I64(8), F64(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of one value; 0 for strings and arrays, whose size varies. */
        int bytes() {
            return bytes;
        }

        boolean whole() {
            return this != F32 && this != F64 && this != BOOL && bytes > 0;
        }

        boolean fraction() {
            return this == F32 || this == F64;
        }
    }

    /** Bytes of a text that are shown to people. */
    private static final int SHOWN = 60;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    public static GgufValue of(String text) {
        return new GgufValue(Type.STRING, null, 1, string(text));
    }

    public static GgufValue of(boolean flag) {
        return new GgufValue(Type.BOOL, null, 1, MemorySegment.ofArray(new byte[] {(byte) (flag ? 1 : 0)}));
    }

    /** A float of four bytes, which is how GGUF files keep fractions. */
    public static GgufValue of(double number) {
        return new GgufValue(Type.F32, null, 1, bytes(4).putFloat((float) number));
    }

    /** An unsigned number of four bytes, which is how GGUF files keep sizes and ids. */
    public static GgufValue of(int number) {
        if (number < 0)
            throw new IllegalArgumentException("an unsigned value cannot be " + number);
        return new GgufValue(Type.U32, null, 1, bytes(4).putInt(number));
    }

    public static GgufValue of(List<String> strings) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String text : strings)
            all.writeBytes(string(text).toArray(ValueLayout.JAVA_BYTE));
        return new GgufValue(Type.ARRAY, Type.STRING, strings.size(), MemorySegment.ofArray(all.toByteArray()));
    }

    public static GgufValue of(int[] numbers) {
        ByteBuffer all = bytes(Math.multiplyExact(4, numbers.length));
        for (int n : numbers)
            all.putInt(n);
        return new GgufValue(Type.ARRAY, Type.I32, numbers.length, all);
    }

    public static GgufValue of(float[] numbers) {
        ByteBuffer all = bytes(Math.multiplyExact(4, numbers.length));
        for (float n : numbers)
            all.putFloat(n);
        return new GgufValue(Type.ARRAY, Type.F32, numbers.length, all);
    }

    private GgufValue(Type type, Type elements, long count, ByteBuffer bytes) {
        this(type, elements, count, MemorySegment.ofBuffer(bytes.flip()));
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static MemorySegment string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return MemorySegment.ofArray(bytes(8 + utf8.length).putLong(utf8.length).put(utf8).array());
    }

    /** What a value or the elements of an array are. */
    Type content() {
        return type == Type.ARRAY ? elements : type;
    }

    /** The whole number at an index of an array, or the only one; U64 beyond a long comes out negative. */
    long whole(long index) {
        long at = index * content().bytes();
        return switch (content()) {
            case U8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            case I8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> bytes.get(SHORT, at) & 0xFFFF;
            case I16 -> bytes.get(SHORT, at);
            case U32 -> bytes.get(INT, at) & 0xFFFFFFFFL;
            case I32 -> bytes.get(INT, at);
            case U64, I64 -> bytes.get(LONG, at);
            default -> throw new IllegalStateException(content() + " is no whole number");
        };
    }

    /** The number at an index of an array, or the only one. */
    double number(long index) {
        long at = index * content().bytes();
        return switch (content()) {
            case F32 -> bytes.get(FLOAT, at);
            case F64 -> bytes.get(DOUBLE, at);
            case U64 -> whole(index) >= 0 ? whole(index) : (whole(index) >>> 1) * 2.0;
            default -> whole(index);
        };
    }

    /** The bytes of all strings, without their lengths, in order. */
    MemorySegment[] strings() {
        MemorySegment[] all = new MemorySegment[Math.toIntExact(count)];
        long at = 0;
        for (int i = 0; i < all.length; i++) {
            long length = bytes.get(LONG, at);
            all[i] = bytes.asSlice(at + 8, length);
            at += 8 + length;
        }
        return all;
    }

    /** A short form for people: texts are cut, arrays counted. */
    @Override
    public String toString() {
        if (type == Type.ARRAY)
            return count + " x " + elements;
        return switch (type) {
            case STRING -> shown(strings()[0]);
            case BOOL -> String.valueOf(whole(0) != 0);
            case F32, F64 -> String.valueOf(number(0));
            case U64 -> Long.toUnsignedString(whole(0));
            default -> String.valueOf(whole(0));
        };
    }

    /** The begin of a text that may be none. */
    static String shown(MemorySegment utf8) {
        byte[] start = utf8.asSlice(0, Math.min(utf8.byteSize(), SHOWN)).toArray(ValueLayout.JAVA_BYTE);
        return "'" + new String(start, StandardCharsets.UTF_8) + (start.length < utf8.byteSize() ? "...'" : "'");
    }
}
