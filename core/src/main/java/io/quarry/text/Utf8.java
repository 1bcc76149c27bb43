package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * UTF-8 both ways, for text that may be broken: a lone surrogate is written as U+FFFD, and bytes that are no UTF-8 are
 * read as one U+FFFD per longest broken part (as Rust's {@code from_utf8_lossy} and browsers do). As an object it reads
 * a stream and holds back what may still become a character.
 */
final class Utf8 {
    /** Eight bytes of an array as one number, the first one lowest. */
    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final char REPLACEMENT = '\uFFFD';
    private static final int SHORT = 512;
    private static final int PIECE = 8192;

    private int needed;
    private int point;
    private int lower = 0x80;
    private int upper = 0xBF;

    /** A text in UTF-8, with room to read behind it. */
    static Text text(String text) {
        return text.length() <= SHORT ? shortText(text) : longText(text);
    }

    /** A copy of UTF-8 with room to read behind it; what is no UTF-8 becomes U+FFFD. */
    static Text text(byte[] utf8, int from, int to) {
        int length = to - from;
        byte[] out = Text.room(length);
        System.arraycopy(utf8, from, out, 0, length);
        return valid(out, 0, length) ? new Text(out, length) : text(string(utf8, from, to));
    }

    /** A copy of a part of valid UTF-8. */
    static Text part(byte[] utf8, int from, int to) {
        byte[] out = Text.room(to - from);
        System.arraycopy(utf8, from, out, 0, to - from);
        return new Text(out, to - from);
    }

    private static Text shortText(String text) {
        byte[] out = Text.room(text.length() * 3);
        int n = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                out[n++] = (byte) c;
                continue;
            }
            if (Character.isSurrogate((char) c)) {
                boolean pair = Character.isHighSurrogate((char) c) && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                c = pair ? Character.toCodePoint((char) c, text.charAt(++i)) : REPLACEMENT;
            }
            n = write(c, out, n);
        }
        return new Text(out, n);
    }

    /** Bytes of {@code text[from, to)}, where {@code from} stands before a whole character. */
    static int length(String text, int from, int to) {
        long n = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            n += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            // Half of a pair counts two of its four bytes.
            boolean half = Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))
                    || Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
            if (half)
                n--;
        }
        return Math.toIntExact(n);
    }

    private static int write(int c, byte[] out, int n) {
        if (c < 0x800) {
            out[n++] = (byte) (0xC0 | c >> 6);
        } else {
            if (c < 0x10000) {
                out[n++] = (byte) (0xE0 | c >> 12);
            } else {
                out[n++] = (byte) (0xF0 | c >> 18);
                out[n++] = (byte) (0x80 | c >> 12 & 0x3F);
            }
            out[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        }
        out[n++] = (byte) (0x80 | c & 0x3F);
        return n;
    }

    /** As {@link #shortText}, in pieces by the JDK's encoder, whose loop over ASCII is vectorised. */
    private static Text longText(String text) {
        CharsetEncoder encoder = UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPLACE)
                .replaceWith(String.valueOf(REPLACEMENT).getBytes(UTF_8));
        char[] piece = new char[Math.min(PIECE, text.length())];
        byte[] out = Text.room(text.length() + (text.length() >> 3) + 16L);
        int n = 0;
        int at = 0;
        while (at < text.length()) {
            int end = Math.min(text.length(), at + PIECE);
            text.getChars(at, end, piece, 0);
            CharBuffer from = CharBuffer.wrap(piece, 0, end - at);
            while (true) {
                ByteBuffer to = ByteBuffer.wrap(out, n, out.length - Text.SLACK - n);
                CoderResult result = encoder.encode(from, to, end == text.length());
                n = to.position();
                if (!result.isOverflow())
                    break;
                long left = text.length() - at - from.position();
                byte[] wider = Text.room(n + left + Math.max(64, left >> 1));
                System.arraycopy(out, 0, wider, 0, n);
                out = wider;
            }
            at += from.position(); // a high surrogate at the end waits for its other half
        }
        return new Text(out, n);
    }

    /** The text of bytes that need not be UTF-8. */
    static String string(byte[] bytes, int from, int to) {
        String quick = new String(bytes, from, to - from, UTF_8);
        // The JDK's decoder makes one character of a surrogate's three bytes, others make three.
        if (quick.indexOf(REPLACEMENT) < 0)
            return quick;
        StringBuilder out = new StringBuilder(to - from);
        Utf8 utf8 = new Utf8();
        utf8.read(bytes, from, to, out);
        utf8.end(out);
        return out.toString();
    }

    /** Writes valid UTF-8 as characters, with room for one from each byte; gives where they end. */
    static int characters(byte[] utf8, int from, int to, char[] out, int at) {
        while (from < to) {
            int c = CodePoints.codePoint(utf8, from);
            from += CodePoints.length(utf8[from]);
            at += Character.toChars(c, out, at);
        }
        return at;
    }

    /** Whether {@code utf8[from, to)} is UTF-8; eight more bytes may be read. */
    static boolean valid(byte[] utf8, int from, int to) {
        int at = from;
        while (at < to) {
            if (((long) LONGS.get(utf8, at) & 0x8080808080808080L) == 0) {
                at += 8;
                continue;
            }
            int b = utf8[at];
            if (b >= 0) {
                at++;
                continue;
            }
            int size = CodePoints.length((byte) b);
            if (at + size > to || !character(utf8, at, size))
                return false;
            at += size;
        }
        return true;
    }

    /** Whether {@code size} bytes, of which the first is not ASCII, are one character. */
    private static boolean character(byte[] utf8, int at, int size) {
        int b = utf8[at] & 0xFF;
        int second = utf8[at + 1] & 0xFF;
        if (b < 0xC2 || b > 0xF4 || second >> 6 != 2)
            return false;
        if (b == 0xE0 && second < 0xA0 || b == 0xED && second > 0x9F || b == 0xF0 && second < 0x90
                || b == 0xF4 && second > 0x8F)
            return false;
        return size < 3 || (utf8[at + 2] & 0xC0) == 0x80 && (size < 4 || (utf8[at + 3] & 0xC0) == 0x80);
    }

    /** Reads bytes and appends every character that is whole. */
    void read(byte[] bytes, StringBuilder to) {
        read(bytes, 0, bytes.length, to);
    }

    private void read(byte[] bytes, int from, int end, StringBuilder to) {
        for (int i = from; i < end; i++) {
            int b = bytes[i] & 0xFF;
            if (needed > 0 && (b < lower || b > upper)) {
                to.append(REPLACEMENT);
                reset();
            }
            if (needed == 0)
                lead(b, to);
            else
                follow(b, to);
        }
    }

    /** Ends the stream: what was held back is broken. */
    void end(StringBuilder to) {
        if (needed > 0)
            to.append(REPLACEMENT);
        reset();
    }

    private void lead(int b, StringBuilder to) {
        if (b < 0x80) {
            to.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            needed = 1;
            point = b & 0x1F;
        } else if (b >= 0xE0 && b <= 0xEF) {
            needed = 2;
            point = b & 0xF;
            lower = b == 0xE0 ? 0xA0 : 0x80; // no overlong forms
            upper = b == 0xED ? 0x9F : 0xBF; // no surrogates
        } else if (b >= 0xF0 && b <= 0xF4) {
            needed = 3;
            point = b & 0x7;
            lower = b == 0xF0 ? 0x90 : 0x80;
            upper = b == 0xF4 ? 0x8F : 0xBF; // no more than U+10FFFF
        } else {
            to.append(REPLACEMENT);
        }
    }

    private void follow(int b, StringBuilder to) {
        point = point << 6 | b & 0x3F;
        lower = 0x80;
        upper = 0xBF;
        if (--needed == 0)
            to.appendCodePoint(point);
    }

    private void reset() {
        needed = 0;
        lower = 0x80;
        upper = 0xBF;
    }
}
