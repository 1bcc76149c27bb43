package io.quarry.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Brings texts of all origins to one form: Unicode NFC, plain line ends and blanks, nothing invisible, no text too long. */
final class Normalise {
    /** Control characters but tab and line feed, byte order marks, bidi overrides and zero-width spaces; joiners stay. */
    private static final Pattern INVISIBLE = Pattern
            .compile("[\\p{Cc}\\uFEFF\\u200B\\u2060\\u202A-\\u202E\\u2066-\\u2069\\u00AD&&[^\\n\\t]]");
    private static final Pattern BLANK = Pattern.compile("[\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F]");
    private static final Pattern LINE_END = Pattern.compile("\\r\\n?|[\\u2028\\u2029\\u0085\\f\\u000B]");
    private static final Pattern TRAILING = Pattern.compile("[ \\t]+(?=\\n|$)");
    private static final Pattern GAP = Pattern.compile("\\n{3,}");

    private Normalise() {}

    static String text(String raw) {
        String text = LINE_END.matcher(raw).replaceAll("\n");
        text = INVISIBLE.matcher(text).replaceAll("");
        text = BLANK.matcher(text).replaceAll(" ");
        text = Normalizer.normalize(text, Normalizer.Form.NFC);
        text = TRAILING.matcher(text).replaceAll("");
        text = GAP.matcher(text).replaceAll("\n\n");
        int from = 0; // the first line keeps its indentation
        while (from < text.length() && text.charAt(from) == '\n')
            from++;
        return text.substring(from).stripTrailing();
    }

    /** Cuts a text into parts of at most {@code most} characters, at a blank line if there is one, else at a line end. */
    static List<String> parts(String text, int most) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (text.length() - from > most) {
            int to = cut(text, from, from + most);
            parts.add(text.substring(from, to).stripTrailing());
            from = to;
            while (from < text.length() && text.charAt(from) == '\n')
                from++;
        }
        if (from < text.length())
            parts.add(text.substring(from));
        return parts;
    }

    private static int cut(String text, int from, int most) {
        for (String border : List.of("\n\n", "\n", " ")) {
            int at = text.lastIndexOf(border, most - border.length());
            if (at > from + (most - from) / 2)
                return at + border.length();
        }
        return Character.isLowSurrogate(text.charAt(most)) ? most - 1 : most;
    }
}
