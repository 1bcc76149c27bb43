package io.quarry.text;

/**
 * Decodes tokens one at a time and never gives half a character. It gives what {@link Tokenizer#decode} gives, but for
 * bytes that are no UTF-8 where a vocabulary has them as fall-back: those before them were given as characters already.
 * Not thread-safe: one per text.
 */
public final class TokenStream {
    private final Spelling spelling;
    private final boolean skipSpecial;
    private final Utf8 utf8 = new Utf8();
    private boolean began;

    TokenStream(Spelling spelling, boolean skipSpecial) {
        this.spelling = spelling;
        this.skipSpecial = skipSpecial;
    }

    /** Text that is certain after this token; empty while a character is not whole. */
    public String next(int id) {
        StringBuilder out = new StringBuilder();
        next(id, out);
        return out.toString();
    }

    /** Appends the text that is certain after this token. */
    public void next(int id, StringBuilder to) {
        byte[] bytes = began ? spelling.bytes(id) : spelling.firstBytes(id);
        if (!(skipSpecial && spelling.special(id))) {
            began = true;
            utf8.read(bytes, to);
        }
    }

    /** Text held back at the end: empty, or U+FFFD where the tokens stopped within a character. */
    public String end() {
        StringBuilder out = new StringBuilder();
        utf8.end(out);
        return out.toString();
    }
}
