package io.quarry.text;

/**
 * Cuts text into the pieces within which bytes may merge. Written by hand to be linear in any text; it gives exactly what
 * the regular expression {@link #PATTERN} gives.
 */
final class Pretokens {
    /** The pre-tokenizer of Granite 4, which is that of Llama 3. */
    static final String PATTERN = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final byte OTHER = 0;
    private static final byte LETTER = 1;
    private static final byte NUMBER = 2;
    private static final byte SPACE = 3;
    private static final byte NEWLINE = 4;
    private static final byte[] CLASSES = new byte[1 << 16];

    static {
        for (int c = 0; c < CLASSES.length; c++)
            CLASSES[c] = classify(c);
    }

    private Pretokens() {}

    /** End of the piece that starts at {@code at}, at most {@code end}; indices are UTF-16, {@code at < end}. */
    static int next(String text, int at, int end) {
        int c = codePoint(text, at, end);
        int after = at + Character.charCount(c);
        byte kind = kind(c);
        if (kind == LETTER)
            return letters(text, after, end);
        if (kind == NUMBER)
            return numbers(text, after, end);
        if (c == '\'') {
            int contraction = contraction(text, after, end);
            if (contraction > 0)
                return after + contraction;
        }
        if (kind != NEWLINE && kindAt(text, after, end) == LETTER)
            return letters(text, after, end);
        if (kind == OTHER)
            return others(text, after, end);
        if (c == ' ' && kindAt(text, after, end) == OTHER)
            return others(text, after, end);
        return spaces(text, at, end);
    }

    /** Whether the piece that starts at {@code at} is one of digits and other numbers. */
    static boolean isNumber(String text, int at, int end) {
        return kindAt(text, at, end) == NUMBER;
    }

    /** Letters after an apostrophe that belong to it: s t re ve m ll d in either case; 0 if none. */
    private static int contraction(String text, int at, int end) {
        if (at >= end)
            return 0;
        char one = fold(text.charAt(at));
        if (one == 's' || one == 't' || one == 'm' || one == 'd')
            return 1;
        if (at + 1 >= end)
            return 0;
        char two = fold(text.charAt(at + 1));
        return (one == 'r' || one == 'v') && two == 'e' || one == 'l' && two == 'l' ? 2 : 0;
    }

    /** Lower case of the letters in contractions; the long s is an s to a regular expression that ignores case. */
    private static char fold(char c) {
        if (c == '\u017F')
            return 's';
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }

    private static int letters(String text, int at, int end) {
        while (at < end) {
            int c = codePoint(text, at, end);
            if (kind(c) != LETTER)
                break;
            at += Character.charCount(c);
        }
        return at;
    }

    /** Up to two more numbers. */
    private static int numbers(String text, int at, int end) {
        for (int more = 0; more < 2 && at < end; more++) {
            int c = codePoint(text, at, end);
            if (kind(c) != NUMBER)
                break;
            at += Character.charCount(c);
        }
        return at;
    }

    private static int others(String text, int at, int end) {
        while (at < end) {
            int c = codePoint(text, at, end);
            if (kind(c) != OTHER)
                break;
            at += Character.charCount(c);
        }
        while (at < end && kind(text.charAt(at)) == NEWLINE)
            at++;
        return at;
    }

    /** White space up to its last line break; without one, all but the last, which the next word takes. */
    private static int spaces(String text, int start, int end) {
        int at = start;
        int afterBreak = -1;
        while (at < end) {
            byte kind = kind(text.charAt(at));
            if (kind != SPACE && kind != NEWLINE)
                break;
            at++;
            if (kind == NEWLINE)
                afterBreak = at;
        }
        if (afterBreak > 0)
            return afterBreak;
        return at == end || at == start + 1 ? at : at - 1;
    }

    private static byte kindAt(String text, int at, int end) {
        return at < end ? kind(codePoint(text, at, end)) : NEWLINE;
    }

    private static int codePoint(String text, int at, int end) {
        char high = text.charAt(at);
        if (Character.isHighSurrogate(high) && at + 1 < end && Character.isLowSurrogate(text.charAt(at + 1)))
            return Character.toCodePoint(high, text.charAt(at + 1));
        return high;
    }

    private static byte kind(int c) {
        return c < CLASSES.length ? CLASSES[c] : classify(c);
    }

    private static byte classify(int c) {
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
