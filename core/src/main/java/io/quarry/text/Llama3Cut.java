package io.quarry.text;

import static io.quarry.text.CodePoints.LETTER;
import static io.quarry.text.CodePoints.NEWLINE;
import static io.quarry.text.CodePoints.NUMBER;
import static io.quarry.text.CodePoints.OTHER;
import static io.quarry.text.CodePoints.SPACE;
import static io.quarry.text.CodePoints.kind;
import static io.quarry.text.CodePoints.length;
import static io.quarry.text.CodePoints.step;

/**
 * The words of Llama 3, Granite 4 and Qwen: written by hand to be linear in any text; it gives exactly what the regular
 * expression {@link #pattern} gives.
 */
final class Llama3Cut implements Cut {
    private static final String BEFORE_NUMBERS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String BEHIND_NUMBERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Llama 3 and Granite 4: numbers in threes. */
    static final Llama3Cut THREES = new Llama3Cut(3);
    /** Qwen 2 and 3: every digit a word. */
    static final Llama3Cut ONES = new Llama3Cut(1);

    private static final byte[] STARTS = new byte[256];
    private static final byte NO = 0;
    private static final byte BEFORE_LETTERS = 1;
    private static final byte A_LETTER = 2;

    static {
        for (int b = 0; b < 128; b++) {
            int kind = CodePoints.classify(b);
            boolean before = (kind == SPACE || kind == OTHER) && b != '\'';
            STARTS[b] = kind == LETTER ? A_LETTER : before ? BEFORE_LETTERS : NO;
        }
    }

    private final int numbers;

    private Llama3Cut(int numbers) {
        this.numbers = numbers;
    }

    /** The regular expression whose matches are the words. */
    String pattern() {
        return BEFORE_NUMBERS + (numbers == 1 ? "\\p{N}" : "\\p{N}{1," + numbers + "}") + BEHIND_NUMBERS;
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

    /** End of a word of ASCII letters, one other character before them allowed; -1 if it is no such word. */
    private static int plain(byte[] text, int at, int to) {
        long eight = (long) Utf8.LONGS.get(text, at);
        byte start = STARTS[(int) eight & 0xFF];
        int run = AsciiLetters.run(AsciiLetters.others(eight) & ~0x80L);
        if (start + run < 3) // a start that is none, or no letter behind one
            return -1;
        int end = run < 8 ? at + run : AsciiLetters.end(text, at + 8, to);
        return start != NO && end < to && text[end] >= 0 ? end : -1;
    }

    /** End of the word that starts at {@code at}, at most {@code to}. */
    int next(byte[] text, int at, int to) {
        int step = step(text, at);
        int after = at + length(step);
        int kind = kind(step);
        if (kind == LETTER)
            return letters(text, after, to);
        if (kind == NUMBER)
            return numbers(text, after, to);
        if (text[at] == '\'') {
            int contraction = contraction(text, after, to);
            if (contraction > 0)
                return after + contraction;
        }
        if (after >= to)
            return after;
        int behind = step(text, after);
        if (kind != NEWLINE && kind(behind) == LETTER)
            return letters(text, after + length(behind), to);
        if (kind == OTHER)
            return others(text, after, to);
        if (text[at] == ' ' && kind(behind) == OTHER)
            return others(text, after + length(behind), to);
        return spaces(text, at, to);
    }

    /** Bytes behind an apostrophe that belong to it: s t re ve m ll d in either case; 0 if none. */
    private static int contraction(byte[] text, int at, int to) {
        if (at >= to)
            return 0;
        int one = text[at] | 0x20;
        if (one == 's' || one == 't' || one == 'm' || one == 'd')
            return 1;
        if (at + 1 >= to)
            return 0;
        // The long s is an s to a regular expression that ignores case.
        if (text[at] == (byte) 0xC5 && text[at + 1] == (byte) 0xBF)
            return 2;
        int two = text[at + 1] | 0x20;
        return (one == 'r' || one == 'v') && two == 'e' || one == 'l' && two == 'l' ? 2 : 0;
    }

    private static int letters(byte[] text, int at, int to) {
        while (at < to) {
            int step = step(text, at);
            if (kind(step) != LETTER)
                break;
            at += length(step);
        }
        return at;
    }

    private int numbers(byte[] text, int at, int to) {
        for (int more = 1; more < numbers && at < to; more++) {
            int step = step(text, at);
            if (kind(step) != NUMBER)
                break;
            at += length(step);
        }
        return at;
    }

    private static int others(byte[] text, int at, int to) {
        while (at < to) {
            int step = step(text, at);
            if (kind(step) != OTHER)
                break;
            at += length(step);
        }
        while (at < to && (text[at] == '\n' || text[at] == '\r'))
            at++;
        return at;
    }

    /** White space up to its last line break; without one, all but the last, which the next word takes. */
    private static int spaces(byte[] text, int start, int to) {
        int at = start;
        int last = start;
        int afterBreak = -1;
        while (at < to) {
            int step = step(text, at);
            int kind = kind(step);
            if (kind != SPACE && kind != NEWLINE)
                break;
            last = at;
            at += length(step);
            if (kind == NEWLINE)
                afterBreak = at;
        }
        if (afterBreak > 0)
            return afterBreak;
        return at == to || last == start ? at : last;
    }
}
