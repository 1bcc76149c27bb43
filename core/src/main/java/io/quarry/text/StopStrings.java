package io.quarry.text;

import java.util.List;

/**
 * Ends a streamed text before the first of some strings, however the text is cut in pieces. What may be the begin of a
 * stop string is held back until it is certain that it is none. Of several stop strings the one that is whole first ends
 * the text; of those whole with the same character, the longest. Not thread-safe: one per text.
 */
public final class StopStrings {
    /** One of them, and how much of it the text ends with now (Knuth, Morris, Pratt). */
    private static final class Stop {
        final String text;
        /** Of each begin of the string, how much of the string it ends with, itself not counted. */
        final int[] border;
        int matched;

        Stop(String text) {
            this.text = text;
            border = new int[text.length() + 1];
            for (int n = 1, b = 0; n < text.length(); n++) {
                while (b > 0 && text.charAt(n) != text.charAt(b))
                    b = border[b];
                if (text.charAt(n) == text.charAt(b))
                    b++;
                border[n + 1] = b;
            }
        }

        /** Whether the string is whole with this character. */
        boolean whole(char c) {
            while (matched > 0 && text.charAt(matched) != c)
                matched = border[matched];
            if (text.charAt(matched) == c)
                matched++;
            return matched == text.length();
        }
    }

    private final Stop[] stops;
    private final StringBuilder held = new StringBuilder();
    private boolean met;

    /**
     * Nothing read yet.
     *
     * @param stops none empty; no strings at all end nothing
     */
    public StopStrings(List<String> stops) {
        if (stops.contains(""))
            throw new IllegalArgumentException("a stop string must have at least one character");
        this.stops = stops.stream().map(Stop::new).toArray(Stop[]::new);
    }

    /** Takes a piece and gives the text that is certain now. */
    public String next(String piece) {
        StringBuilder out = new StringBuilder(piece.length());
        next(piece, out);
        return out.toString();
    }

    /** Takes a piece and appends the text that is certain now. */
    public void next(CharSequence piece, StringBuilder to) {
        for (int i = 0; i < piece.length() && !met; i++) {
            char c = piece.charAt(i);
            held.append(c);
            int longest = 0;
            for (Stop stop : stops)
                if (stop.whole(c))
                    longest = Math.max(longest, stop.text.length());
            if (longest > 0) {
                met = true;
                release(held.length() - longest, to);
                held.setLength(0);
            }
        }
        if (!met)
            release(held.length() - begun(), to);
    }

    private void release(int certain, StringBuilder to) {
        to.append(held, 0, certain);
        held.delete(0, certain);
    }

    /** Length of the longest end of the text that is the begin of a stop string. */
    private int begun() {
        int longest = 0;
        for (Stop stop : stops)
            longest = Math.max(longest, stop.matched);
        return longest;
    }

    /** Whether a stop string was found: the text is over. */
    public boolean met() {
        return met;
    }

    /** What was held back when the text ended by itself. */
    public String end() {
        String out = held.toString();
        held.setLength(0);
        return out;
    }
}
