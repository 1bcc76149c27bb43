package io.quarry.infer;

/**
 * How likely a model holds a text.
 *
 * @param logProbs natural log-probability of each token that was scored, given all before it
 * @param greedy   whether greedy decoding would have said every one of them
 */
public record Likelihood(float[] logProbs, boolean greedy) {
    /** Natural log-probability of the whole. */
    public double sum() {
        double sum = 0;
        for (float logProb : logProbs)
            sum += logProb;
        return sum;
    }

    /** {@code exp} of the mean negative log-probability of a token. */
    public double perplexity() {
        if (logProbs.length == 0)
            throw new IllegalStateException("a text of which no token was scored has no perplexity");
        return Math.exp(-sum() / logProbs.length);
    }
}
