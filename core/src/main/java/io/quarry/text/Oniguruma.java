package io.quarry.text;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of a {@code tokenizer.json}, which Hugging Face gives to Oniguruma (Ruby syntax), as the JDK's. What
 * means the same in both is copied, what differs is translated, and the rest is refused. Matching is bounded, so that no
 * pattern of a file runs for ever.
 */
final class Oniguruma implements Splits.Pattern {
    /** Characters that may be looked at, beside so many for each of the text. */
    private static final long LOOKS = 1_000_000;
    private static final long LOOKS_EACH = 1_000;
    private static final Set<String> CATEGORIES = Set.of("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N",
            "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs",
            "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn");
    /** Oniguruma counts three superscripts and three fractions among the letters of words, but no joiners. */
    private static final String WORD = "[\\w\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be&&[^\\u200c\\u200d]]";
    private static final String NO_WORD = "[^\\w\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be]|[\\u200c\\u200d]";

    private final String source;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private int open;
    /** Which of the open groups looks behind: there, nothing may have a length of its choice. 0 if none does. */
    private int behind;
    private final Pattern pattern;

    /** Translates a pattern; throws {@link IllegalArgumentException} with a sentence if it has something not known here. */
    Oniguruma(String source) {
        this.source = source;
        while (at < source.length())
            item();
        if (open != 0)
            throw refused("has a group that is not closed");
        try {
            pattern = Pattern.compile(out.toString(), Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE
                    | Pattern.UNIX_LINES | Pattern.UNICODE_CASE);
        } catch (PatternSyntaxException e) {
            throw refused("cannot be compiled: " + e.getDescription());
        }
    }

    private IllegalArgumentException refused(String why) {
        String shown = source.length() > 200 ? source.substring(0, 200) + "..." : source;
        return new IllegalArgumentException("the pattern " + shown + " " + why);
    }

    private IllegalArgumentException unknown(String what) {
        return refused("has " + what + " at character " + at + ", which is not known here");
    }

    private char peek(int ahead) {
        return at + ahead < source.length() ? source.charAt(at + ahead) : 0;
    }

    private void copy(int n) {
        out.append(source, at, at + n);
        at += n;
    }

    private void item() {
        char c = source.charAt(at);
        switch (c) {
            case '(' -> group();
            case ')' -> {
                if (open == behind)
                    behind = 0;
                if (--open < 0)
                    throw refused("closes a group that is not open");
                copy(1);
                quantifier();
            }
            case '[' -> {
                set();
                quantifier();
            }
            case '\\' -> {
                escape(false);
                quantifier();
            }
            case '|', '^', '$' -> copy(1);
            case '.' -> {
                copy(1);
                quantifier();
            }
            case '*', '+', '?' -> throw refused("repeats nothing at character " + at);
            default -> {
                literal();
                quantifier();
            }
        }
    }

    /** Opens a group; what stands in it follows as items. */
    private void group() {
        open++;
        for (String head : new String[] {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"})
            if (source.startsWith(head, at)) {
                if (head.startsWith("(?<") && behind == 0)
                    behind = open;
                copy(head.length());
                return;
            }
        if (source.startsWith("(?i:", at)) {
            copy(4);
            return;
        }
        if (peek(1) == '?' || peek(1) == '*')
            throw unknown("a group of another kind");
        copy(1);
    }

    private void literal() {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        literal(c);
    }

    private void literal(int c) {
        // Escaped by number, so that no character has a meaning of its own, in or out of a set.
        out.append(String.format(Locale.ROOT, "\\x{%x}", c));
    }

    private void quantifier() {
        char c = peek(0);
        if (behind > 0 && (c == '*' || c == '+' || c == '?' || c == '{'))
            throw unknown("a repetition in what must stand before");
        if (c == '{') {
            interval();
        } else if (c == '*' || c == '+' || c == '?') {
            copy(1);
            if (peek(0) == '?' || peek(0) == '+')
                copy(1);
        } else {
            return;
        }
        c = peek(0);
        if (c == '*' || c == '+' || c == '?' || c == '{')
            throw unknown("a repetition of a repetition");
    }

    /** {@code {n}}, {@code {n,}}, {@code {,m}}, {@code {n,m}}; the last may be lazy. */
    private void interval() {
        int end = source.indexOf('}', at);
        String inside = end < 0 ? "" : source.substring(at + 1, end);
        if (!inside.matches("\\d{1,5}(,\\d{0,5})?|,\\d{1,5}"))
            throw unknown("a brace that is no repetition");
        out.append('{').append(inside.startsWith(",") ? "0" + inside : inside).append('}');
        at = end + 1;
        if (peek(0) == '?' && inside.contains(","))
            copy(1);
    }

    private void escape(boolean inSet) {
        char c = peek(1);
        switch (c) {
            case 'n', 'r', 't', 'f', 'a', 'e', 's', 'S', 'd', 'D' -> copy(2);
            case 'v' -> {
                out.append("\\x0b");
                at += 2;
            }
            case 'w' -> {
                out.append(WORD);
                at += 2;
            }
            case 'W' -> {
                if (inSet)
                    throw unknown("\\W in a set");
                out.append("(?:").append(NO_WORD).append(')');
                at += 2;
            }
            case 'b', 'B', 'A', 'z', 'Z' -> {
                if (inSet)
                    throw unknown("\\" + c + " in a set");
                copy(2);
            }
            case 'h' -> {
                out.append("[0-9a-fA-F]");
                at += 2;
            }
            case 'p', 'P' -> property(inSet);
            case 'x', 'u' -> number();
            default -> {
                if (c == 0 || Character.isLetterOrDigit(c))
                    throw unknown("the escape \\" + (c == 0 ? "" : String.valueOf(c)));
                at++;
                literal();
            }
        }
    }

    private void property(boolean inSet) {
        int end = peek(2) == '{' ? source.indexOf('}', at) : -1;
        if (end < 0)
            throw unknown("a property without a name");
        String name = source.substring(at + 3, end);
        boolean not = peek(1) == 'P' != name.startsWith("^");
        name = name.startsWith("^") ? name.substring(1) : name;
        out.append(not ? "\\P{" : "\\p{").append(property(name)).append('}');
        at = end + 1;
    }

    private String property(String name) {
        if (CATEGORIES.contains(name))
            return name;
        if (name.matches("[A-Za-z_]+")) {
            try {
                return "Is" + Character.UnicodeScript.forName(name).name();
            } catch (IllegalArgumentException e) {
                // falls through: neither a category nor a script
            }
        }
        throw unknown("the property " + name);
    }

    private void number() {
        java.util.regex.Matcher hex = Pattern
                .compile("\\\\(?:x\\{([0-9a-fA-F]{1,6})\\}|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4}))")
                .matcher(source).region(at, source.length());
        if (!hex.lookingAt())
            throw unknown("an escaped number that is none");
        String digits = hex.group(1) != null ? hex.group(1) : hex.group(2) != null ? hex.group(2) : hex.group(3);
        int c = Integer.parseInt(digits, 16);
        if (c > Character.MAX_CODE_POINT || hex.group(2) != null && c > 0x7F)
            throw unknown("an escaped number that is no character");
        at = hex.end();
        literal(c);
    }

    /** A set in brackets; sets may stand in it. */
    private void set() {
        copy(1);
        if (peek(0) == '^')
            copy(1);
        boolean empty = true;
        for (; at < source.length(); empty = false) {
            char c = peek(0);
            if (c == ']' && !empty) {
                copy(1);
                return;
            }
            if (c == '[') {
                if (peek(1) == ':')
                    throw unknown("a POSIX bracket");
                set();
            } else if (c == '&' && peek(1) == '&') {
                copy(2);
            } else if (c == '\\') {
                escape(true);
            } else if (c == '-') {
                dash(empty);
            } else {
                literal();
            }
        }
        throw refused("has a set that is not closed");
    }

    /** A dash between two characters is a range, at an end it is itself. */
    private void dash(boolean first) {
        if (first || peek(1) == ']')
            literal();
        else
            copy(1);
    }

    @Override
    public void find(String text, Splits.Found found) {
        Matcher matcher = pattern.matcher(new Watched(text, new long[] {LOOKS + LOOKS_EACH * text.length()}, source));
        try {
            while (matcher.find())
                found.at(matcher.start(), matcher.end());
        } catch (StackOverflowError e) {
            throw refused("needs too much memory for a text of " + text.length() + " characters");
        }
    }

    /** A text that counts how often it is looked at. */
    private record Watched(String text, long[] left, String pattern) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (--left[0] < 0)
                throw new IllegalArgumentException("the pattern " + pattern + " looks at a text of " + text.length()
                        + " characters more than " + LOOKS_EACH + " times each; it is not fit for a tokenizer");
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
