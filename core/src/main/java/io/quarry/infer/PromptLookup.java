package io.quarry.infer;

/**
 * Guesses how a text goes on by looking its last tokens up in what was before: what followed them there comes next
 * (prompt look-up, as in vLLM and llama.cpp). Of several places the one wins where the most tokens agree, then the last.
 */
final class PromptLookup {
    /** Tokens that must agree; places are found by the hash of so many. */
    static final int LEAST = 3;
    /** Agreeing tokens are counted up to here. */
    static final int MOST_AGREEING = 32;
    /** Places that are looked at for one guess. */
    private static final int MOST_PLACES = 16;

    /** By hash: where three such tokens ended last, plus one; 0 for nowhere. */
    private final int[] last;
    /** Of each position: where tokens of the same hash ended before, plus one. */
    private final int[] before;
    /** Positions that can be found. */
    private int indexed = LEAST - 1;

    /** Room for a text of so many tokens. */
    PromptLookup(int positions) {
        before = new int[positions];
        last = new int[2 * Integer.highestOneBit(positions)];
    }

    /**
     * Guesses what follows the first {@code length} tokens and writes it behind them.
     *
     * @param least tokens that must agree, at least {@link #LEAST}
     * @param most  tokens to guess; there must be room for them
     * @return how many were guessed: {@code most} or none
     */
    int guess(int[] tokens, int length, int least, int most) {
        for (; indexed < length - 1; indexed++) {
            int slot = slot(tokens, indexed);
            before[indexed] = last[slot];
            last[slot] = indexed + 1;
        }
        if (length < LEAST)
            return 0;
        int end = length - 1;
        int found = -1;
        int agreed = least - 1;
        int place = last[slot(tokens, end)] - 1;
        for (int tried = 0; place >= 0 && tried < MOST_PLACES; tried++) {
            int agreeing = agreeing(tokens, place, end);
            if (agreeing > agreed) {
                agreed = agreeing;
                found = place;
            }
            place = before[place] - 1;
        }
        if (found < 0)
            return 0;
        for (int i = 1; i <= most; i++) // may run into the guess itself: a text that repeats goes on repeating
            tokens[end + i] = tokens[found + i];
        return most;
    }

    private int slot(int[] tokens, int end) {
        int hash = (tokens[end - 2] * 0x9E3779B9 + tokens[end - 1]) * 0x85EBCA6B + tokens[end];
        return hash * 0xC2B2AE35 >>> 5 & last.length - 1;
    }

    private static int agreeing(int[] tokens, int place, int end) {
        int n = 0;
        while (n < MOST_AGREEING && n <= place && tokens[place - n] == tokens[end - n])
            n++;
        return n;
    }
}
