package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Between which neighbouring characters a token may reach. Where none does, no merge does either, so a word can be cut
 * there without changing its tokens: the parts of a long word are met again more often than the whole.
 *
 * <p>A token of bytes may begin or end within a character. There are few of those, so a character that one of them
 * continues counts as joined on that side with every other. Pairs are hashed into bits: what these sets hold beyond the
 * truth only costs a cut.
 */
final class Joins {
    private static final int PAIR_BITS = 20;
    private static final int CHARACTERS = Character.MAX_CODE_POINT + 1;

    private final boolean[] ascii = new boolean[1 << 14];
    private final long[] pairs = new long[1 << PAIR_BITS - 6];
    /** Characters behind which a token may end within the next. */
    private final long[] openRight = new long[CHARACTERS >> 6];
    /** Characters before which a token may begin within the one before. */
    private final long[] openLeft = new long[CHARACTERS >> 6];
    /** First bytes of characters in which a token may end that begins within the one before. */
    private final boolean[] openBoth = new boolean[256];

    /** Adds a token as its vocabulary writes it. */
    void add(String token, Bpe.Symbols symbols) {
        byte[] bytes = symbols.bytes() == null ? null : ByteAlphabet.read(token);
        add(bytes != null ? bytes : token.getBytes(UTF_8));
        // A space is written in two ways, and both kinds of it may stand in one text.
        if (symbols.spaces() && token.contains(Bpe.SPACE))
            spaces(token);
    }

    private void spaces(String token) {
        for (int at = token.indexOf(Bpe.SPACE); at >= 0; at = token.indexOf(Bpe.SPACE, at + 1)) {
            int from = at == 0 ? 0 : token.offsetByCodePoints(at, -1);
            int to = token.offsetByCodePoints(at, Math.min(2, token.codePointCount(at, token.length())));
            String around = token.substring(from, to);
            add(around.replace(Bpe.SPACE, " ").getBytes(UTF_8));
            add((token.substring(from, at) + " " + token.substring(at + 1, to)).getBytes(UTF_8));
        }
    }

    /** Adds a token, as the bytes of text it stands for. */
    void add(byte[] token) {
        for (int at = 1; at < token.length; at++) {
            if ((token[at] & 0xC0) == 0x80)
                continue;
            int start = at - 1;
            while (start > 0 && (token[start] & 0xC0) == 0x80)
                start--;
            boolean wholeLeft = (token[start] & 0xC0) != 0x80 && start + CodePoints.length(token[start]) == at;
            boolean wholeRight = at + CodePoints.length(token[at]) <= token.length;
            if (wholeLeft && wholeRight)
                pair(CodePoints.codePoint(token, start), CodePoints.codePoint(token, at));
            else if (wholeLeft)
                set(openRight, CodePoints.codePoint(token, start));
            else if (wholeRight)
                set(openLeft, CodePoints.codePoint(token, at));
            else
                openBoth[token[at] & 0xFF] = true;
        }
    }

    private void pair(int left, int right) {
        if (left < 0x80 && right < 0x80)
            ascii[left << 7 | right] = true;
        else
            set(pairs, bit(left, right));
    }

    private static void set(long[] bits, int bit) {
        bits[bit >>> 6] |= 1L << bit;
    }

    private static boolean has(long[] bits, int bit) {
        return (bits[bit >>> 6] >>> bit & 1) != 0;
    }

    private static int bit(int left, int right) {
        return (int) (((long) left << 21 | right) * 0x9E3779B97F4A7C15L >>> 64 - PAIR_BITS);
    }

    /** Whether a token may reach from one character into the next, which {@code text} has at {@code at}. */
    boolean over(int left, int right, byte[] text, int at) {
        if ((left | right) < 0x80)
            return ascii[left << 7 | right];
        return has(pairs, bit(left, right)) || has(openRight, left) || has(openLeft, right)
                || openBoth[text[at] & 0xFF];
    }

    /** Whether a token may reach over {@code at}, the start of a character within valid UTF-8. */
    boolean over(byte[] text, int at) {
        byte last = text[at - 1];
        byte first = text[at];
        if ((last | first) >= 0)
            return ascii[last << 7 | first];
        return over(CodePoints.codePoint(text, CodePoints.before(text, at)), CodePoints.codePoint(text, at), text, at);
    }
}
