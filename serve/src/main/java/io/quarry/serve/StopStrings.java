package io.quarry.serve;

import java.util.List;

/**
 * Ends a streamed text before the first of some strings, however the text is cut in pieces. What may be the begin of
 * a stop string is held back until it is certain that it is none. Not thread-safe: one per answer.
 */
final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean met;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a piece and gives the text that is certain now. */
    String next(String piece) {
        if (met)
            return "";
        held.append(piece);
        int stop = -1;
        for (String s : stops) {
            int at = held.indexOf(s);
            if (at >= 0 && (stop < 0 || at < stop))
                stop = at;
        }
        met = stop >= 0;
        int certain = met ? stop : held.length() - begun();
        String out = held.substring(0, certain);
        held.delete(0, met ? held.length() : certain);
        return out;
    }

    /** Whether a stop string was found: the text is over. */
    boolean met() {
        return met;
    }

    /** What was held back when the text ended by itself. */
    String end() {
        String out = held.toString();
        held.setLength(0);
        return out;
    }

    /** Length of the longest end of the text that is the begin of a stop string. */
    private int begun() {
        int longest = 0;
        for (String s : stops)
            for (int n = Math.min(s.length() - 1, held.length()); n > longest; n--)
                if (held.indexOf(s.substring(0, n), held.length() - n) >= 0)
                    longest = n;
        return longest;
    }
}
