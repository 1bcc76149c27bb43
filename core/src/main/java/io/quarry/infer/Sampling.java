package io.quarry.infer;

import java.util.Map;

/**
 * How the next token is picked. The same seed gives the same text, whatever else is generated beside it, and with
 * speculation or without.
 *
 * <p>Steps, in the order of vLLM:
 * <ol>
 * <li>log-probabilities, of the chosen token and of the alternatives, are read from the model's own logits;
 * <li>the bias is added to the logits;
 * <li>repetition, then frequency and presence penalties (see {@link Penalties});
 * <li>temperature divides the logits; 0 takes the largest and ends here;
 * <li>minP: tokens less likely than {@code minP} times the likeliest go;
 * <li>topK: of the rest the {@code topK} likeliest stay;
 * <li>topP: of the rest the fewest stay whose share reaches {@code topP};
 * <li>one is drawn from what is left.
 * </ol>
 * llama.cpp takes bias and penalties first too, but cuts before it applies the temperature.
 *
 * @param temperature 0 is greedy
 * @param topK        keep the k likeliest; 0 keeps all
 * @param topP        keep the likeliest whose probabilities sum to topP; 1 keeps all
 * @param minP        keep what is at least so likely as this share of the likeliest (arXiv:2407.01082); 0 keeps all
 * @param penalties   what a token loses for having been said
 * @param bias        added to the logits of tokens, by id, as OpenAI's {@code logit_bias}; negative infinity forbids
 * @param seed        of this sequence alone
 */
public record Sampling(double temperature, int topK, double topP, double minP, Penalties penalties,
        Map<Integer, Float> bias, long seed) {
    /** The likeliest token, always. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, Penalties.NONE, Map.of(), 0);

    public Sampling {
        if (!(temperature >= 0))
            throw new IllegalArgumentException("temperature must be 0 or more, was " + temperature);
        if (topK < 0)
            throw new IllegalArgumentException("topK must be 0 (all) or more, was " + topK);
        if (!(topP > 0 && topP <= 1))
            throw new IllegalArgumentException("topP must be in (0, 1], was " + topP);
        if (!(minP >= 0 && minP <= 1))
            throw new IllegalArgumentException("minP must be in [0, 1], was " + minP);
        bias = Map.copyOf(bias);
        bias.forEach((token, by) -> {
            if (token < 0 || !(by < Float.POSITIVE_INFINITY))
                throw new IllegalArgumentException("a logit bias is a number, or negative infinity, for a token id of 0"
                        + " or more; was " + by + " for " + token);
        });
    }

    /** Plain sampling from the model's own distribution. */
    public static Sampling at(double temperature, long seed) {
        return GREEDY.withTemperature(temperature).withSeed(seed);
    }

    public Sampling withTemperature(double value) {
        return new Sampling(value, topK, topP, minP, penalties, bias, seed);
    }

    public Sampling withTopK(int value) {
        return new Sampling(temperature, value, topP, minP, penalties, bias, seed);
    }

    public Sampling withTopP(double value) {
        return new Sampling(temperature, topK, value, minP, penalties, bias, seed);
    }

    public Sampling withMinP(double value) {
        return new Sampling(temperature, topK, topP, value, penalties, bias, seed);
    }

    public Sampling withPenalties(Penalties value) {
        return new Sampling(temperature, topK, topP, minP, value, bias, seed);
    }

    public Sampling withBias(Map<Integer, Float> value) {
        return new Sampling(temperature, topK, topP, minP, penalties, value, seed);
    }

    public Sampling withSeed(long value) {
        return new Sampling(temperature, topK, topP, minP, penalties, bias, value);
    }
}
