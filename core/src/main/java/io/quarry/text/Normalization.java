package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** What a tokenizer changes in a text before it cuts it. Safe for many threads. */
interface Normalization {
    /** What becomes of {@code text[from, to)}, valid UTF-8; null if nothing changes. */
    Text apply(byte[] text, int from, int to);

    /** What becomes of a text. */
    default String apply(String text) {
        Text utf8 = Utf8.text(text);
        Text changed = apply(utf8.bytes(), 0, utf8.length());
        return changed == null ? text : new String(changed.bytes(), 0, changed.length(), UTF_8);
    }

    /** Steps on strings, in order. */
    static Normalization strings(List<UnaryOperator<String>> steps) {
        return (text, from, to) -> {
            String before = new String(text, from, to - from, UTF_8);
            String after = before;
            for (UnaryOperator<String> step : steps)
                after = step.apply(after);
            return after.equals(before) ? null : Utf8.text(after);
        };
    }

    /** A Unicode form, on strings. */
    static UnaryOperator<String> form(Normalizer.Form form) {
        Composition composition = new Composition(form);
        return composition::apply;
    }

    /** Lower case, each character for itself: no rule looks at its neighbours. */
    static String lowercase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.append(Character.toString(c).toLowerCase(Locale.ROOT)));
        return out.toString();
    }

    /** Without white space at the ends. */
    static String strip(String text, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && white(text.codePointAt(from)))
            from++;
        while (right && from < to && white(text.codePointBefore(to)))
            to--;
        return text.substring(from, to);
    }

    private static boolean white(int c) {
        int kind = CodePoints.classify(c);
        return kind == CodePoints.SPACE || kind == CodePoints.NEWLINE;
    }
}
