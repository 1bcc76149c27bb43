package io.quarry.text;

import static io.quarry.text.CodePoints.LETTER;
import static io.quarry.text.CodePoints.NEWLINE;
import static io.quarry.text.CodePoints.NUMBER;
import static io.quarry.text.CodePoints.SPACE;
import static io.quarry.text.CodePoints.kind;
import static io.quarry.text.CodePoints.length;
import static io.quarry.text.CodePoints.step;

/**
 * The words of GPT-2, StarCoder, Granite 3 and SmolLM2: linear in any text; it gives exactly what the regular expression
 * {@link #PATTERN} gives, applied to what lies between the numbers where those are cut out first.
 */
final class Gpt2Cut implements Cut {
    static final String PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** How numbers are taken. */
    enum Numbers {
        /** As the pattern says: a run of them, with a space before it. */
        WITH_SPACE,
        /** Cut out first, every one a word. */
        ALONE,
        /** Cut out first, a run of them a word. */
        RUNS
    }

    private final Numbers numbers;

    Gpt2Cut(Numbers numbers) {
        this.numbers = numbers;
    }

    @Override
    public void cut(byte[] text, int from, int to, boolean first, Words words) {
        int at = from;
        while (at < to) {
            int end = plain(text, at, to);
            if (end < 0)
                end = next(text, at, to);
            words.add(text, at, end);
            at = end;
        }
    }

    /** End of a word of ASCII letters, a space before them allowed; -1 if it is no such word. */
    private static int plain(byte[] text, int at, int to) {
        long eight = (long) Utf8.LONGS.get(text, at);
        long others = AsciiLetters.others(eight);
        if ((eight & 0xFF) == ' ')
            others &= ~0x80L;
        int run = AsciiLetters.run(others);
        int end = run < 8 ? at + run : AsciiLetters.end(text, at + 8, to);
        int least = at + ((eight & 0xFF) == ' ' ? 1 : 0);
        return end > least && end < to && text[end] >= 0 ? end : -1;
    }

    /** End of the word that starts at {@code at}, at most {@code to}. */
    int next(byte[] text, int at, int to) {
        int first = step(text, at);
        int after = at + length(first);
        if (text[at] == '\'') {
            int contraction = contraction(text, after, to);
            if (contraction > 0)
                return after + contraction;
        }
        if (text[at] == ' ' && after < to) {
            int behind = step(text, after);
            int kind = kind(behind);
            if (!white(kind) && (kind != NUMBER || numbers == Numbers.WITH_SPACE))
                return run(kind, text, after + length(behind), to);
        }
        int kind = kind(first);
        if (white(kind))
            return spaces(text, at, to);
        return kind == NUMBER && numbers == Numbers.ALONE ? after : run(kind, text, after, to);
    }

    private static boolean white(int kind) {
        return kind == SPACE || kind == NEWLINE;
    }

    /** Bytes behind an apostrophe that belong to it: s t re ve m ll d; 0 if none. */
    private static int contraction(byte[] text, int at, int to) {
        if (at >= to)
            return 0;
        byte one = text[at];
        if (one == 's' || one == 't' || one == 'm' || one == 'd')
            return 1;
        if (at + 1 >= to)
            return 0;
        byte two = text[at + 1];
        return (one == 'r' || one == 'v') && two == 'e' || one == 'l' && two == 'l' ? 2 : 0;
    }

    private static int run(int kind, byte[] text, int at, int to) {
        while (at < to) {
            int step = step(text, at);
            if (kind(step) != kind)
                break;
            at += length(step);
        }
        return at;
    }

    /** White space; all but the last where a word follows, which takes it if it is a space. */
    private int spaces(byte[] text, int start, int to) {
        int at = start;
        int last = start;
        int kind = SPACE;
        while (at < to) {
            int step = step(text, at);
            kind = kind(step);
            if (!white(kind))
                break;
            last = at;
            at += length(step);
        }
        boolean ends = at == to || kind == NUMBER && numbers != Numbers.WITH_SPACE;
        return ends || last == start ? at : last;
    }
}
