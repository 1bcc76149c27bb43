package io.quarry.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * A string that remembers who wrote each of its characters. Every operation of a template carries the marks along, so
 * that in the end it is known which parts of a prompt the template wrote and which came in with a message.
 */
public final class Text implements Comparable<Text> {
    /**
     * A stretch of text from one hand.
     *
     * @param start   first UTF-16 index
     * @param end     UTF-16 index behind the last
     * @param origin  who wrote it
     * @param learned whether it stands in a {@code {% generation %}} block: what the model is trained to say
     */
    public record Span(int start, int end, Origin origin, boolean learned) {}

    static final Text EMPTY = new Text("", null, false);
    /** Added to the mark of a character that is to be learned. */
    private static final int LEARNED = 8;
    private static final Origin[] ORIGINS = Origin.values();

    private final String chars;
    /** One mark for each character; null while all are the template's own. */
    private final String marks;
    /** Whether it is HTML already, which {@code safe} and {@code escape} make of it: {@code +} escapes what it meets. */
    private final boolean html;

    Text(String chars, String marks, boolean html) {
        this.chars = chars;
        this.marks = marks;
        this.html = html;
    }

    /** A text of the template's own. */
    static Text of(String chars) {
        return chars.isEmpty() ? EMPTY : new Text(chars, null, false);
    }

    static Text of(String chars, Origin origin) {
        if (origin == Origin.TEMPLATE || chars.isEmpty())
            return of(chars);
        return new Text(chars, mark(origin).repeat(chars.length()), false);
    }

    private static String mark(Origin origin) {
        return String.valueOf((char) origin.ordinal());
    }

    String chars() {
        return chars;
    }

    String marks() {
        return marks;
    }

    boolean html() {
        return html;
    }

    Text withHtml(boolean is) {
        return is == html ? this : new Text(chars, marks, is);
    }

    boolean isEmpty() {
        return chars.isEmpty();
    }

    /** Length in UTF-16 units. */
    int units() {
        return chars.length();
    }

    /** Length in code points, which is what templates count. */
    int length() {
        return chars.codePointCount(0, chars.length());
    }

    /** The part between two UTF-16 indices. */
    public Text sub(int from, int to) {
        if (from == 0 && to == chars.length())
            return this;
        return new Text(chars.substring(from, to), marks == null ? null : marks.substring(from, to), html);
    }

    /** UTF-16 index of a code point. */
    int unit(int point) {
        return chars.offsetByCodePoints(0, point);
    }

    /** The same text, all of it learned. */
    Text learned() {
        StringBuilder all = new StringBuilder(chars.length());
        for (int i = 0; i < chars.length(); i++)
            all.append((char) ((marks == null ? 0 : marks.charAt(i)) | LEARNED));
        return new Text(chars, all.toString(), html);
    }

    /** Who wrote what, in order; neighbours differ. */
    public List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        for (int start = 0; start < chars.length();) {
            int mark = marks == null ? 0 : marks.charAt(start);
            int end = start + 1;
            while (end < chars.length() && (marks == null || marks.charAt(end) == mark))
                end++;
            spans.add(new Span(start, end, ORIGINS[mark & ~LEARNED], (mark & LEARNED) != 0));
            start = end;
        }
        return spans;
    }

    /** Order of code points, which differs from Java's where surrogates are. */
    @Override
    public int compareTo(Text other) {
        String left = chars;
        String right = other.chars;
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b)
                return Character.isSurrogate(a) == Character.isSurrogate(b)
                        ? Character.compare(a, b)
                        : Integer.compare(left.codePointAt(i), right.codePointAt(i));
        }
        return Integer.compare(left.length(), right.length());
    }

    /** Equal where the characters are, whoever wrote them. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && chars.equals(text.chars);
    }

    @Override
    public int hashCode() {
        return chars.hashCode();
    }

    @Override
    public String toString() {
        return chars;
    }
}
