package io.quarry.infer;

import io.quarry.model.ModelSpec;

/**
 * Guesses the next tokens of one sequence: by looking them up in what was before, or if there is nothing, by a smaller
 * model. The model verifies them in one step: the sampler is asked at each of them in turn, and they are taken as long
 * as it picks just them, so no text depends on them, only how soon it is there.
 */
final class Speculator {
    /**
     * What one more row in a step costs: a model of 4-bit weights decodes a fourth as fast as it reads prompts, one of
     * wider weights loses less. With experts a row reads weights of its own.
     */
    private static final double ROW = 0.25;
    private static final double ROW_OF_EXPERTS = 0.6;

    private final int[] tokens;
    private final PromptLookup lookup;
    private final Wager lookups;
    /** Tokens that must agree for a look-up; more after guesses of which none was right. */
    private int least = PromptLookup.LEAST;
    /** Null where there is no smaller model. */
    private final Draft draft;
    private final Wager drafts;
    private Draft.Text drafted;
    private boolean byDraft;
    private int guessed;

    /**
     * A speculator for a text.
     *
     * @param tokens the text, with room for all it may become
     * @param draft  null if there is none
     */
    Speculator(int[] tokens, ModelSpec spec, Draft draft) {
        double row = spec.architecture().experts() == null ? ROW : ROW_OF_EXPERTS;
        this.tokens = tokens;
        this.lookup = new PromptLookup(tokens.length);
        this.lookups = new Wager(row, 0, 0.5, 0.005);
        this.draft = draft;
        this.drafts = draft == null ? null : new Wager(row, draft.cost(spec), 2, 0.02); // who asks for it expects it
    }

    /** How many tokens should be guessed when so many sequences are running. */
    int most(int running) {
        return Math.max(lookups.most(running), draft == null ? 0 : drafts.most(running));
    }

    /**
     * Guesses what follows the first {@code length} tokens and writes it behind them.
     *
     * @param room    for so many tokens
     * @param running sequences in the step
     * @return how many were guessed
     */
    int guess(int length, int room, int running) {
        int most = Math.min(room, lookups.most(running));
        guessed = most > 0 ? lookup.guess(tokens, length, least, most) : 0;
        byDraft = false;
        if (guessed == 0 && draft != null) {
            byDraft = true;
            most = Math.min(room, drafts.most(running));
            if (most > 0 && drafted == null)
                drafted = draft.begin(tokens);
            guessed = most > 0 ? draft.guess(drafted, length, most) : 0;
        }
        return guessed;
    }

    /** Takes note of a step that gave {@code right + 1} tokens. */
    void settle(int right, int running) {
        if (byDraft) {
            drafts.settle(guessed, right, running);
            if (drafted != null)
                drafted.settle(right);
        } else {
            lookups.settle(guessed, right, running);
            if (guessed > 0)
                least = right > 0 ? PromptLookup.LEAST : Math.min(2 * least, PromptLookup.MOST_AGREEING);
        }
    }

    /** Gives back what it holds of the smaller model. */
    void close() {
        if (drafted != null)
            draft.end(drafted);
        drafted = null;
    }
}
