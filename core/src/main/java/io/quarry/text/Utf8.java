package io.quarry.text;

/**
 * UTF-8 both ways, for text that may be broken: a lone surrogate is written as U+FFFD, and bytes that are no UTF-8 are
 * read as one U+FFFD per longest broken part (as Rust's {@code from_utf8_lossy} and browsers do). As an object it reads
 * a stream and holds back what may still become a character.
 */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private int needed;
    private int point;
    private int lower = 0x80;
    private int upper = 0xBF;

    /** Bytes of {@code text[from, to)}. */
    static byte[] bytes(String text, int from, int to) {
        byte[] out = new byte[(to - from) * 3];
        int n = 0;
        for (int i = from; i < to; i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                out[n++] = (byte) c;
                continue;
            }
            if (Character.isSurrogate((char) c)) {
                boolean pair = Character.isHighSurrogate((char) c) && i + 1 < to
                        && Character.isLowSurrogate(text.charAt(i + 1));
                c = pair ? Character.toCodePoint((char) c, text.charAt(++i)) : REPLACEMENT;
            }
            n = write(c, out, n);
        }
        return n == out.length ? out : java.util.Arrays.copyOf(out, n);
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

    /** Reads bytes and appends every character that is whole. */
    void read(byte[] bytes, StringBuilder to) {
        for (byte signed : bytes) {
            int b = signed & 0xFF;
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
