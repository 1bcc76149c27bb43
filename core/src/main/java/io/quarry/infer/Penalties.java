package io.quarry.infer;

/**
 * What a token's logit loses for standing in the text already.
 *
 * <p>Repetition as in llama.cpp and transformers (CTRL, arXiv:1909.05858): the logit of a token that stands among the
 * last {@code window} of prompt and answer is divided by {@code repetition} if positive, multiplied by it if not.
 * Frequency and presence as OpenAI defines them and vLLM applies them: {@code frequency} times how often the token stands
 * in the answer so far, and {@code presence} if it stands there at all, are subtracted; the prompt does not count.
 *
 * @param repetition 1 leaves all as it is; above 1 discourages
 * @param window     how many tokens the repetition penalty looks back; 0 looks back over the whole text
 * @param frequency  per time a token was said; 0 leaves all as it is, below 0 encourages
 * @param presence   once for a token that was said; 0 leaves all as it is, below 0 encourages
 */
public record Penalties(double repetition, int window, double frequency, double presence) {
    public static final Penalties NONE = new Penalties(1, 0, 0, 0);

    public Penalties {
        if (!(repetition > 0 && Double.isFinite(repetition)))
            throw new IllegalArgumentException("the repetition penalty must be above 0, was " + repetition);
        if (window < 0)
            throw new IllegalArgumentException(
                    "the window of the repetition penalty must be 0 (the whole text) or more, was " + window);
        if (!Double.isFinite(frequency))
            throw new IllegalArgumentException("the frequency penalty must be a number, was " + frequency);
        if (!Double.isFinite(presence))
            throw new IllegalArgumentException("the presence penalty must be a number, was " + presence);
    }

    /** The repetition penalty alone, over the last {@code window} tokens; 0 for the whole text. */
    public static Penalties repetition(double repetition, int window) {
        return new Penalties(repetition, window, 0, 0);
    }

    /** OpenAI's two. */
    public static Penalties of(double frequency, double presence) {
        return new Penalties(1, 0, frequency, presence);
    }
}
