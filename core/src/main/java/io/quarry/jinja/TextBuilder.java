package io.quarry.jinja;

/** Puts texts together, pays for it, and keeps the marks. */
final class TextBuilder {
    private final Budget budget;
    private final StringBuilder chars = new StringBuilder();
    /** Null while all is the template's own. */
    private StringBuilder marks;

    TextBuilder(Budget budget) {
        this.budget = budget;
    }

    TextBuilder add(Text text) {
        return add(text, 0, text.units());
    }

    /** Adds the part of a text between two UTF-16 indices. */
    TextBuilder add(Text text, int from, int to) {
        budget.write(to - from);
        append(text, from, to);
        return this;
    }

    private void append(Text text, int from, int to) {
        if (text.marks() != null) {
            startMarks();
            marks.append(text.marks(), from, to);
        } else if (marks != null)
            marks.repeat(0, to - from);
        chars.append(text.chars(), from, to);
    }

    /** Adds characters of the template's own. */
    TextBuilder add(String own) {
        budget.write(own.length());
        if (marks != null)
            marks.repeat(0, own.length());
        chars.append(own);
        return this;
    }

    /** Adds what a character at a place of a text turns into; it stays in the hand of whoever wrote the character. */
    TextBuilder add(String made, Text from, int place) {
        budget.write(made.length());
        if (from.marks() != null) {
            startMarks();
            marks.repeat(from.marks().charAt(place), made.length());
        } else if (marks != null)
            marks.repeat(0, made.length());
        chars.append(made);
        return this;
    }

    /** Adds a text so many times; a negative count is none. */
    TextBuilder repeat(Text text, long times) {
        if (times <= 0 || text.isEmpty())
            return this;
        budget.write(text.units() * Math.min(times, Integer.MAX_VALUE));
        for (long i = 0; i < times; i++)
            append(text, 0, text.units());
        return this;
    }

    private void startMarks() {
        if (marks == null) {
            marks = new StringBuilder();
            marks.repeat(0, chars.length());
        }
    }

    Text text() {
        return chars.isEmpty()
                ? Text.EMPTY
                : new Text(chars.toString(), marks == null ? null : marks.toString(), false);
    }
}
