package io.quarry.text;

/** Decodes tokens one at a time and never gives half a character. Not thread-safe: one per text. */
public final class TokenStream {
    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private final Utf8 utf8 = new Utf8();

    TokenStream(Tokenizer tokenizer, boolean skipSpecial) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /** Text that is certain after this token; empty while a character is not whole. */
    public String next(int id) {
        StringBuilder out = new StringBuilder();
        next(id, out);
        return out.toString();
    }

    /** Text held back at the end: empty, or U+FFFD where the tokens stopped within a character. */
    public String end() {
        StringBuilder out = new StringBuilder();
        utf8.end(out);
        return out.toString();
    }

    void next(int id, StringBuilder to) {
        byte[] bytes = tokenizer.shared(id);
        if (!(skipSpecial && tokenizer.special(id)))
            utf8.read(bytes, to);
    }
}
