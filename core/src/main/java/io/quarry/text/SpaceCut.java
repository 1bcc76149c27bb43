package io.quarry.text;

/**
 * The words of SentencePiece vocabularies, whose tokens hold the space before a word as {@link Bpe#SPACE}. Text is cut at
 * every space where the tokenizer says so, and wherever no token reaches over, which changes nothing but the speed.
 */
final class SpaceCut implements Cut {
    /** Where a space is put before a text. */
    enum Prefix {
        NEVER,
        /** Before the whole text, if none is there. */
        FIRST,
        /** Before every stretch of text between added tokens, if none is there. */
        MISSING,
        /** Before every stretch of text between added tokens. */
        ALWAYS
    }

    private final Prefix prefix;
    private final boolean atSpaces;
    private final Joins joins;

    /**
     * @param atSpaces whether a word starts at every space
     * @param joins    where tokens reach over; null if everywhere
     */
    SpaceCut(Prefix prefix, boolean atSpaces, Joins joins) {
        this.prefix = prefix;
        this.atSpaces = atSpaces;
        this.joins = joins;
    }

    @Override
    public void cut(byte[] text, int from, int to, boolean first, Words words) {
        boolean put = switch (prefix) {
            case NEVER -> false;
            case FIRST -> first && !space(text, from);
            case MISSING -> !space(text, from);
            case ALWAYS -> true;
        };
        if (!put) {
            cut(text, from, to, words);
            return;
        }
        byte[] prefixed = Text.room(1L + to - from);
        prefixed[0] = ' ';
        System.arraycopy(text, from, prefixed, 1, to - from);
        cut(prefixed, 0, 1 + to - from, words);
    }

    private void cut(byte[] text, int from, int to, Words words) {
        int start = from;
        int at = from;
        while (at < to) {
            at = AsciiLetters.end(text, at, to);
            if (at > start && at < to && divides(text, at)) {
                words.add(text, start, at);
                start = at;
            }
            if (at < to)
                at += CodePoints.length(text[at]);
            if (at < to && divides(text, at)) {
                words.add(text, start, at);
                start = at;
            }
        }
        if (start < to)
            words.add(text, start, to);
    }

    private boolean divides(byte[] text, int at) {
        return atSpaces && space(text, at) || joins != null && !joins.over(text, at);
    }

    /** Whether a space stands at {@code at}, plain or as it is written in the vocabulary. */
    static boolean space(byte[] text, int at) {
        return text[at] == ' ' || text[at] == (byte) 0xE2 && text[at + 1] == (byte) 0x96
                && text[at + 2] == (byte) 0x81;
    }
}
