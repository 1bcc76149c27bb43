package io.quarry.text;

/** Cuts text into words, the pieces within which tokens are made. Safe for many threads. */
interface Cut {
    /**
     * Gives the words of {@code text[from, to)} to {@code words}, in order. The array can be read for {@link Text#SLACK}
     * bytes behind {@code to}.
     *
     * @param first whether this is where the whole text begins
     */
    void cut(byte[] text, int from, int to, boolean first, Words words);
}
