package io.quarry.text;

import java.util.Arrays;

/**
 * Byte pair encoding: a word starts as bytes or characters and grows together by {@link Merges}. Characters that the
 * vocabulary lacks become their bytes ({@code <0xE6>}), the unknown token, or nothing, as Hugging Face does it.
 */
final class Bpe implements Model {
    /** What stands for a space where spaces are written into the vocabulary. */
    static final String SPACE = "\u2581";

    /**
     * How a word becomes symbols.
     *
     * @param bytes        id of each of the 256 bytes, -1 where there is none; null for a vocabulary of characters
     * @param fallback     id of each byte for characters that are not there, -1 where there is none; null for no such ids
     * @param unknown      id for what is not there, or -1
     * @param fuse         whether neighbours that are not there become one unknown token
     * @param ignoreMerges whether a word that is an entry is taken whole
     * @param spaces       whether a space is looked up as {@link #SPACE}
     */
    record Symbols(int[] bytes, int[] fallback, int unknown, boolean fuse, boolean ignoreMerges, boolean spaces) {
        /** Whether the tokens of a word are those of its parts, wherever no merge reaches over. */
        boolean local() {
            boolean all = all(bytes != null ? bytes : fallback);
            return !ignoreMerges && (all || !fuse && fallback == null);
        }

        private static boolean all(int[] ids) {
            return ids != null && Arrays.stream(ids).allMatch(id -> id >= 0);
        }
    }

    private static final byte[] SPACE_BYTES = SPACE.getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private final Vocabulary vocabulary;
    private final Symbols symbols;
    private final Merges merges;
    private final int space;
    /** Ranks of pairs of bytes; null where not every byte is a symbol. */
    private final int[] pairs;
    /** Ids of ASCII characters, in a vocabulary of characters. */
    private final int[] ascii = new int[128];

    Bpe(Vocabulary vocabulary, Symbols symbols, Merges merges) {
        this.vocabulary = vocabulary;
        this.symbols = symbols;
        this.merges = merges;
        space = vocabulary.id(SPACE);
        pairs = symbols.bytes() != null && Symbols.all(symbols.bytes()) ? pairs(symbols.bytes(), merges) : null;
        for (int c = 0; c < 128; c++)
            ascii[c] = c == ' ' && symbols.spaces() ? space : vocabulary.id(String.valueOf((char) c));
    }

    @Override
    public void apply(byte[] text, int from, int to, Words words) {
        if (symbols.ignoreMerges()) {
            int whole = symbols.bytes() != null ? wholeOfBytes(text, from, to) : wholeOfCharacters(text, from, to);
            if (whole >= 0) {
                words.token(whole);
                return;
            }
        }
        // A space that is written with three bytes may become three of them.
        int most = symbols.spaces() ? Math.multiplyExact(3, to - from) : to - from;
        int[] tokens = words.symbols(most);
        int n = symbols.bytes() != null ? bytes(text, from, to, tokens) : characters(text, from, to, tokens);
        if (n == 0)
            return;
        int[] ranks = words.ranks(n);
        if (pairs != null)
            ranks(text, from, n, ranks);
        else
            merges.rank(tokens, n, ranks);
        words.tokens(tokens, merges.apply(tokens, n, ranks));
    }

    private void ranks(byte[] text, int from, int n, int[] ranks) {
        for (int i = 0; i + 1 < n; i++)
            ranks[i] = pairs[(text[from + i] & 0xFF) << 8 | text[from + i + 1] & 0xFF];
    }

    /** Ranks of all pairs of bytes: what every word begins with is looked up in a small table. */
    private static int[] pairs(int[] bytes, Merges merges) {
        int[] ranks = new int[1 << 16];
        for (int pair = 0; pair < ranks.length; pair++)
            ranks[pair] = merges.rank(bytes[pair >>> 8], bytes[pair & 0xFF]);
        return ranks;
    }

    private int wholeOfBytes(byte[] text, int from, int to) {
        return vocabulary.id(ByteAlphabet.write(Arrays.copyOfRange(text, from, to)));
    }

    private int wholeOfCharacters(byte[] text, int from, int to) {
        if (!symbols.spaces())
            return vocabulary.id(text, from, to);
        String word = new String(text, from, to - from, java.nio.charset.StandardCharsets.UTF_8);
        return vocabulary.id(word.replace(" ", SPACE));
    }

    private int bytes(byte[] text, int from, int to, int[] tokens) {
        int[] ids = symbols.bytes();
        int n = 0;
        boolean lacking = false;
        for (int i = from; i < to; i++) {
            int id = ids[text[i] & 0xFF];
            if (id >= 0)
                tokens[n++] = id;
            else if (symbols.unknown() >= 0 && !(lacking && symbols.fuse()))
                tokens[n++] = symbols.unknown();
            lacking = id < 0;
        }
        return n;
    }

    private int characters(byte[] text, int from, int to, int[] tokens) {
        int n = 0;
        boolean lacking = false; // an unknown token is held back; with bytes behind it, it comes after them
        for (int at = from, length; at < to; at += length) {
            length = CodePoints.length(text[at]);
            int id = length == 1 ? ascii[text[at]] : vocabulary.id(text, at, at + length);
            if (id >= 0) {
                if (lacking)
                    tokens[n++] = symbols.unknown();
                lacking = false;
                tokens[n++] = id;
                continue;
            }
            int bytes = text[at] == ' ' && symbols.spaces()
                    ? fallback(SPACE_BYTES, 0, SPACE_BYTES.length, tokens, n)
                    : fallback(text, at, at + length, tokens, n);
            n += bytes;
            if (bytes == 0 && symbols.unknown() >= 0) {
                if (lacking && !symbols.fuse())
                    tokens[n++] = symbols.unknown();
                lacking = true;
            }
        }
        if (lacking)
            tokens[n++] = symbols.unknown();
        return n;
    }

    /** Writes the bytes of a character; all of them or none. */
    private int fallback(byte[] text, int from, int to, int[] tokens, int n) {
        if (symbols.fallback() == null)
            return 0;
        for (int i = from; i < to; i++) {
            int id = symbols.fallback()[text[i] & 0xFF];
            if (id < 0)
                return 0;
            tokens[n + i - from] = id;
        }
        return to - from;
    }
}
