package io.quarry.infer;

/**
 * How the next token is picked. The same seed gives the same text, whatever else is generated beside it.
 *
 * @param temperature 0 is greedy
 * @param topK        keep the k likeliest; 0 keeps all
 * @param topP        keep the likeliest whose probabilities sum to topP; 1 keeps all
 * @param seed        of this sequence alone
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

    public Sampling {
        if (!(temperature >= 0))
            throw new IllegalArgumentException("temperature must be 0 or more, was " + temperature);
        if (topK < 0)
            throw new IllegalArgumentException("topK must be 0 (all) or more, was " + topK);
        if (!(topP > 0 && topP <= 1))
            throw new IllegalArgumentException("topP must be in (0, 1], was " + topP);
    }

    /** Plain sampling from the model's own distribution. */
    public static Sampling at(double temperature, long seed) {
        return new Sampling(temperature, 0, 1, seed);
    }
}
