package io.quarry.infer;

/**
 * The bias and the penalties of one sequence: put on its logits before a token is picked, taken off after. Counts stand
 * in primitive tables that are made once, for all positions the sequence may have.
 */
final class LogitsProcessor {
    private final Penalties penalties;
    private final int[] biased;
    private final float[] bias;
    private final float[] unbiased;

    /** Slots of {@code ids} by the hash of the token, plus one; 0 is free. At most half full. */
    private final int[] table;
    /** The different tokens met, in the order they came. */
    private final int[] ids;
    /** How often each stands in the window, and in the answer. */
    private final int[] seen;
    private final int[] said;
    private final float[] unpunished;
    private int distinct;
    /** The last tokens, as a ring; empty where the window is the whole text. */
    private final int[] window;
    private int counted;

    /**
     * Nothing counted yet.
     *
     * @param positions  tokens that prompt and answer may have together
     * @param vocabulary of the model
     */
    LogitsProcessor(Sampling sampling, int positions, int vocabulary) {
        penalties = sampling.penalties();
        biased = sampling.bias().keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
        bias = new float[biased.length];
        for (int i = 0; i < bias.length; i++)
            bias[i] = sampling.bias().get(biased[i]);
        unbiased = new float[biased.length];
        int most = penalties.equals(Penalties.NONE) ? 0 : Math.min(positions, vocabulary);
        table = new int[most == 0 ? 0 : Integer.highestOneBit(most) * 4];
        ids = new int[most];
        seen = new int[most];
        said = new int[most];
        unpunished = new float[most];
        window = new int[penalties.window() < positions ? penalties.window() : 0];
    }

    /** Whether a sampling asks for none of this. */
    static boolean neutral(Sampling sampling) {
        return sampling.bias().isEmpty() && sampling.penalties().equals(Penalties.NONE);
    }

    /** Changes the logits that begin at {@code at}. */
    void apply(float[] logits, int at) {
        for (int i = 0; i < biased.length; i++) {
            unbiased[i] = logits[at + biased[i]];
            logits[at + biased[i]] += bias[i];
        }
        float repetition = (float) penalties.repetition();
        float frequency = (float) penalties.frequency();
        float presence = (float) penalties.presence();
        for (int i = 0; i < distinct; i++) {
            float logit = logits[at + ids[i]];
            unpunished[i] = logit;
            if (seen[i] > 0)
                logit = logit > 0 ? logit / repetition : logit * repetition;
            if (said[i] > 0)
                logit -= said[i] * frequency + presence;
            logits[at + ids[i]] = logit;
        }
    }

    /** Puts back what {@link #apply} found. */
    void undo(float[] logits, int at) {
        for (int i = 0; i < distinct; i++)
            logits[at + ids[i]] = unpunished[i];
        for (int i = 0; i < biased.length; i++)
            logits[at + biased[i]] = unbiased[i];
    }

    /**
     * Counts the next token of the text.
     *
     * @param answer whether it is the answer's, not the prompt's
     */
    void count(int token, boolean answer) {
        if (table.length == 0)
            return;
        int slot = slot(token);
        seen[slot]++;
        if (answer)
            said[slot]++;
        if (window.length > 0) {
            int place = counted++ % window.length;
            if (counted > window.length)
                seen[slot(window[place])]--;
            window[place] = token;
        }
    }

    private int slot(int token) {
        int mask = table.length - 1;
        int at = token * 0x9E3779B9 >>> 7 & mask;
        while (table[at] != 0 && ids[table[at] - 1] != token)
            at = at + 1 & mask;
        if (table[at] == 0) {
            ids[distinct] = token;
            table[at] = ++distinct;
        }
        return table[at] - 1;
    }
}
