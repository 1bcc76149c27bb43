package io.quarry.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/** Brings texts of all origins to one form: Unicode NFC, plain line ends and blanks, nothing invisible, no text too long. */
final class Normalise {
    private Normalise() {}

    static String text(String raw) {
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\r' && i + 1 < raw.length() && raw.charAt(i + 1) == '\n')
                continue;
            if (lineEnd(c))
                end(out);
            else if (!invisible(c))
                out.append(blank(c) ? ' ' : c);
        }
        return Normalizer.normalize(out, Normalizer.Form.NFC).stripTrailing();
    }

    /** Ends a line: no blanks at its end, no empty lines at the start of the text, nowhere two of them. */
    private static void end(StringBuilder out) {
        int length = out.length();
        while (length > 0 && (out.charAt(length - 1) == ' ' || out.charAt(length - 1) == '\t'))
            length--;
        out.setLength(length);
        boolean gap = length == 0 || length > 1 && out.charAt(length - 1) == '\n' && out.charAt(length - 2) == '\n';
        if (!gap)
            out.append('\n');
    }

    private static boolean lineEnd(char c) {
        return c == '\n' || c == '\r' || c == 0x0B || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** Control characters but tab, byte order marks, soft hyphens, bidi overrides, zero-width spaces; joiners stay. */
    private static boolean invisible(char c) {
        if (c < 0x300)
            return c < ' ' && c != '\t' || c >= 0x7F && c < 0xA0 || c == 0xAD;
        return c == 0xFEFF || c == 0x200B || c == 0x2060 || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
    }

    private static boolean blank(char c) {
        return c == 0xA0 || c == 0x1680 || c >= 0x2000 && c <= 0x200A || c == 0x202F || c == 0x205F;
    }

    /** Half a surrogate pair, which no file can hold, becomes U+FFFD as a decoder would make it. */
    static String wellFormed(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            boolean half = Character.isSurrogate(text.charAt(i));
            boolean pair = half && i + 1 < text.length()
                    && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
            if (half && !pair) {
                out = out == null ? new StringBuilder(text) : out;
                out.setCharAt(i, '\uFFFD');
            }
            i += pair ? 1 : 0;
        }
        return out == null ? text : out.toString();
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
