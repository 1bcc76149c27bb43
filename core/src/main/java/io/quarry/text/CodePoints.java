package io.quarry.text;

/**
 * What kind of character stands at a place of valid UTF-8. Kinds are those that pre-tokenizers tell apart: {@code \p{L}},
 * {@code \p{N}}, line breaks, other white space ({@code \s}), and the rest. Unicode is the JDK's.
 */
final class CodePoints {
    static final int OTHER = 0;
    static final int LETTER = 1;
    static final int NUMBER = 2;
    static final int SPACE = 3;
    static final int NEWLINE = 4;

    /** Kind in the low three bits, bytes of the character from the fifth bit on. */
    private static final byte[] STEPS = new byte[1 << 16];
    private static final int LENGTH_SHIFT = 4;

    static {
        for (int c = 0; c < STEPS.length; c++)
            STEPS[c] = (byte) (classify(c) | (c < 0x80 ? 1 : c < 0x800 ? 2 : 3) << LENGTH_SHIFT);
    }

    private CodePoints() {}

    /** Kind and length of the character that starts at {@code at}; see {@link #kind} and {@link #length}. */
    static int step(byte[] utf8, int at) {
        int b = utf8[at];
        if (b >= 0)
            return STEPS[b];
        if ((b & 0x20) == 0)
            return STEPS[(b & 0x1F) << 6 | utf8[at + 1] & 0x3F];
        if ((b & 0x10) == 0)
            return STEPS[(b & 0xF) << 12 | (utf8[at + 1] & 0x3F) << 6 | utf8[at + 2] & 0x3F];
        return classify(codePoint(utf8, at)) | 4 << LENGTH_SHIFT;
    }

    static int kind(int step) {
        return step & 7;
    }

    /** Bytes of the character. */
    static int length(int step) {
        return step >> LENGTH_SHIFT;
    }

    /** The character that starts at {@code at} of valid UTF-8. */
    static int codePoint(byte[] utf8, int at) {
        int b = utf8[at];
        if (b >= 0)
            return b;
        if ((b & 0x20) == 0)
            return (b & 0x1F) << 6 | utf8[at + 1] & 0x3F;
        if ((b & 0x10) == 0)
            return (b & 0xF) << 12 | (utf8[at + 1] & 0x3F) << 6 | utf8[at + 2] & 0x3F;
        return (b & 0x7) << 18 | (utf8[at + 1] & 0x3F) << 12 | (utf8[at + 2] & 0x3F) << 6 | utf8[at + 3] & 0x3F;
    }

    /** Bytes of the character whose first byte is {@code lead}. */
    static int length(byte lead) {
        return lead >= 0 ? 1 : (lead & 0x20) == 0 ? 2 : (lead & 0x10) == 0 ? 3 : 4;
    }

    /** Start of the character that ends at {@code end} of valid UTF-8. */
    static int before(byte[] utf8, int end) {
        int at = end - 1;
        while ((utf8[at] & 0xC0) == 0x80)
            at--;
        return at;
    }

    static int classify(int c) {
        if (c == '\r' || c == '\n')
            return NEWLINE;
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER, Character.OTHER_LETTER ->
                LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            default -> c >= 0x09 && c <= 0x0D || c == 0x85 ? SPACE : OTHER;
        };
    }
}
