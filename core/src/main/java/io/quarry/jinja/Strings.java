package io.quarry.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** What Python's strings can do, on texts with their marks. */
final class Strings {
    private Strings() {}

    static Text concat(Budget budget, Text a, Text b) {
        if (!a.html() && !b.html())
            return new TextBuilder(budget).add(a).add(b).text();
        return new TextBuilder(budget).add(escape(budget, a)).add(escape(budget, b)).text().withHtml(true);
    }

    /** Characters of HTML as entities, unless it is HTML already. */
    static Text escape(Budget budget, Text text) {
        if (text.html())
            return text;
        TextBuilder out = new TextBuilder(budget);
        for (int i = 0; i < text.units(); i++) {
            String entity = switch (text.chars().charAt(i)) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '"' -> "&#34;";
                case '\'' -> "&#39;";
                default -> null;
            };
            if (entity == null)
                out.add(text, i, i + 1);
            else
                out.add(entity, text, i);
        }
        return out.text().withHtml(true);
    }

    /** Without characters at the ends for which {@code gone} holds. */
    static Text strip(Budget budget, Text text, boolean left, boolean right, IntPredicate gone) {
        String chars = text.chars();
        budget.read(chars.length());
        int from = 0;
        int to = chars.length();
        while (left && from < to && gone.test(chars.codePointAt(from)))
            from += Character.charCount(chars.codePointAt(from));
        while (right && from < to && gone.test(chars.codePointBefore(to)))
            to -= Character.charCount(chars.codePointBefore(to));
        return sub(budget, text, from, to);
    }

    /** What {@code strip} takes away: the given characters, or white space. */
    static IntPredicate set(Budget budget, Object chars) {
        if (chars == null)
            return Chars::space;
        if (!(chars instanceof Text text))
            throw new Fault("strip needs a string or none, found " + Values.type(chars));
        budget.steps(text.units());
        return text.chars().codePoints().boxed().collect(Collectors.toSet())::contains;
    }

    /** The part between two UTF-16 indices, paid for. */
    static Text sub(Budget budget, Text text, int from, int to) {
        budget.write(to - from);
        return text.sub(from, to);
    }

    static Text replace(Budget budget, Text text, Text old, Text fresh, int count) {
        budget.read(text.units() + old.units());
        TextBuilder out = new TextBuilder(budget);
        long left = count < 0 ? Long.MAX_VALUE : count;
        int at = 0;
        if (old.isEmpty()) {
            for (; left > 0 && at <= text.units(); left--) {
                int next = at == text.units() ? at + 1 : text.chars().offsetByCodePoints(at, 1);
                out.add(fresh).add(text, at, Math.min(next, text.units()));
                at = next;
            }
            return at >= text.units() ? out.text() : out.add(text, at, text.units()).text();
        }
        for (; left > 0; left--) {
            int found = Search.first(text.chars(), old.chars(), at);
            if (found < 0)
                break;
            out.add(text, at, found).add(fresh);
            at = found + old.units();
        }
        return out.add(text, at, text.units()).text();
    }

    static Text join(Budget budget, Text between, Iterator<Text> parts) {
        TextBuilder out = new TextBuilder(budget);
        for (boolean first = true; parts.hasNext(); first = false) {
            if (!first)
                out.add(between);
            out.add(parts.next());
        }
        return out.text();
    }

    /** Pieces between separators, at most {@code max + 1} of them where {@code max} is not negative. */
    static List<Object> split(Budget budget, Text text, Text separator, int max) {
        if (separator.isEmpty())
            throw new Fault("split needs a separator that is not empty");
        budget.read(text.units() + separator.units());
        List<Object> pieces = new ArrayList<>();
        int at = 0;
        while (max < 0 || pieces.size() < max) {
            int found = Search.first(text.chars(), separator.chars(), at);
            if (found < 0)
                break;
            pieces.add(sub(budget, text, at, found));
            at = found + separator.units();
        }
        pieces.add(sub(budget, text, at, text.units()));
        return pieces;
    }

    /** As {@link #split}, counted from the end. */
    static List<Object> splitFromEnd(Budget budget, Text text, Text separator, int max) {
        if (separator.isEmpty())
            throw new Fault("rsplit needs a separator that is not empty");
        budget.read(text.units());
        List<Object> pieces = new ArrayList<>();
        int to = text.units();
        while (max < 0 || pieces.size() < max) {
            budget.read(Search.costLast(separator.chars(), to));
            int found = Search.last(text.chars(), separator.chars(), to);
            if (found < 0)
                break;
            pieces.addFirst(sub(budget, text, found + separator.units(), to));
            to = found;
        }
        pieces.addFirst(sub(budget, text, 0, to));
        return pieces;
    }

    /** Words between white space. */
    static List<Object> words(Budget budget, Text text, int max, boolean fromEnd) {
        String chars = text.chars();
        budget.read(chars.length());
        List<Object> words = new ArrayList<>();
        int from = skip(chars, 0);
        int to = chars.length();
        while (to > from && Chars.space(chars.charAt(to - 1)))
            to--;
        if (fromEnd) {
            while (from < to && (max < 0 || words.size() < max)) {
                int start = to;
                while (start > from && !Chars.space(chars.charAt(start - 1)))
                    start--;
                words.addFirst(sub(budget, text, start, to));
                to = start;
                while (to > from && Chars.space(chars.charAt(to - 1)))
                    to--;
            }
            if (from < to)
                words.addFirst(sub(budget, text, 0, to));
            return words;
        }
        while (from < to && (max < 0 || words.size() < max)) {
            int end = from;
            while (end < to && !Chars.space(chars.charAt(end)))
                end++;
            words.add(sub(budget, text, from, end));
            from = skip(chars, end);
        }
        if (from < to)
            words.add(sub(budget, text, from, chars.length()));
        return words;
    }

    private static int skip(String chars, int from) {
        int at = from;
        while (at < chars.length() && Chars.space(chars.charAt(at)))
            at++;
        return at;
    }

    static List<Object> lines(Budget budget, Text text, boolean keepEnds) {
        String chars = text.chars();
        budget.read(chars.length());
        List<Object> lines = new ArrayList<>();
        for (int from = 0; from < chars.length();) {
            int end = from;
            while (end < chars.length() && !Chars.lineEnd(chars.charAt(end)))
                end++;
            int next = Math.min(end + (chars.startsWith("\r\n", end) ? 2 : 1), chars.length());
            lines.add(sub(budget, text, from, keepEnds ? next : end));
            from = next;
        }
        return lines;
    }

    static Text upper(Budget budget, Text text) {
        return mapped(budget, text, text.chars().toUpperCase(Locale.ROOT), point -> upper(Character.toString(point)));
    }

    static Text lower(Budget budget, Text text) {
        return mapped(budget, text, text.chars().toLowerCase(Locale.ROOT), point -> lower(Character.toString(point)));
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** What one code point turns into. */
    private interface Mapping {
        String of(int point);
    }

    /** The marks of a text on {@code whole}; where lengths differ the text is made anew from its code points. */
    private static Text mapped(Budget budget, Text text, String whole, Mapping mapping) {
        budget.write(whole.length());
        if (text.marks() == null || whole.length() == text.units())
            return new Text(whole, text.marks(), text.html());
        return points(budget, text, (point, before) -> mapping.of(point)).withHtml(text.html());
    }

    /** What a code point turns into, given the one before it (-1 at the start). */
    private interface Following {
        String of(int point, int before);
    }

    private static Text points(Budget budget, Text text, Following mapping) {
        TextBuilder out = new TextBuilder(budget);
        int before = -1;
        for (int i = 0; i < text.units();) {
            int point = text.chars().codePointAt(i);
            out.add(mapping.of(point, before), text, i);
            i += Character.charCount(point);
            before = point;
        }
        return out.text();
    }

    /** First character large, the others small. */
    static Text capitalize(Budget budget, Text text) {
        return points(budget, text, (point, before) -> before < 0 ? title(point) : lower(Character.toString(point)))
                .withHtml(text.html());
    }

    /** Every letter large that follows none. */
    static Text title(Budget budget, Text text) {
        return points(budget, text,
                (point, before) -> Chars.cased(before) ? lower(Character.toString(point)) : title(point));
    }

    /** The filter's way: every character large that stands behind a space, a dash or an opening bracket. */
    static Text titleOfWords(Budget budget, Text text) {
        return points(budget, text, (point, before) -> before < 0 || breaksWord(before)
                ? upper(Character.toString(point))
                : lower(Character.toString(point)));
    }

    private static boolean breaksWord(int point) {
        return Chars.space(point) || "-({[<".indexOf(point) >= 0;
    }

    static Text swapCase(Budget budget, Text text) {
        return points(budget, text, (point, before) -> Character.isUpperCase(point)
                ? lower(Character.toString(point))
                : upper(Character.toString(point)));
    }

    private static String title(int point) {
        String one = Character.toString(Character.toTitleCase(point));
        String upper = upper(Character.toString(point));
        // a letter that becomes several when it is large, of which only the first stays so
        return upper.length() > one.length() && Character.toTitleCase(point) == point
                ? upper.charAt(0) + lower(upper.substring(1))
                : one;
    }

    /** Filled up to a width in code points. */
    static Text pad(Budget budget, Text text, int width, Text fill, boolean left, boolean right) {
        if (fill.length() != 1)
            throw new Fault("the fill of a string must be one character, found " + fill.length());
        long missing = (long) width - text.length();
        if (missing <= 0)
            return text;
        // Python's rule for the odd space of center
        long before = !left ? 0 : right ? missing / 2 + (missing & width & 1) : missing;
        return new TextBuilder(budget).repeat(fill, before).add(text).repeat(fill, missing - before).text();
    }

    static Text zeros(Budget budget, Text text, int width) {
        boolean sign = text.chars().startsWith("-") || text.chars().startsWith("+");
        return new TextBuilder(budget).add(text, 0, sign ? 1 : 0)
                .repeat(Text.of("0"), (long) width - text.length()).add(text, sign ? 1 : 0, text.units()).text();
    }

    /** Code points between two indices in Python's manner, every {@code step}th; null stands for "not given". */
    static Text slice(Budget budget, Text text, Slice slice) {
        budget.read(text.units());
        int length = text.length();
        Slice.Bounds bounds = slice.within(length);
        boolean plain = length == text.units();
        if (bounds.step() == 1) {
            int from = plain ? bounds.start() : text.unit(bounds.start());
            int to = Math.max(from, plain ? bounds.stop() : text.unit(bounds.stop()));
            return sub(budget, text, from, to);
        }
        int[] places = plain ? null : places(text, length);
        TextBuilder out = new TextBuilder(budget);
        for (int k = 0; k < bounds.count(); k++) {
            int i = bounds.start() + k * bounds.step();
            out.add(text, plain ? i : places[i], plain ? i + 1 : places[i + 1]);
        }
        return out.text().withHtml(text.html());
    }

    private static int[] places(Text text, int length) {
        int[] places = new int[length + 1];
        for (int i = 0; i < length; i++)
            places[i + 1] = text.chars().offsetByCodePoints(places[i], 1);
        return places;
    }
}
