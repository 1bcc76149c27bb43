package io.quarry.train;

/**
 * What is minimised, seen from one token: every objective here is a function of the log-probabilities of the learned
 * tokens, so its gradient with respect to each of them is all that the backward pass must know.
 */
@FunctionalInterface
public interface TokenLoss {
    /**
     * The derivative of the loss by the log-probability of one learned token.
     *
     * @param position index of the token in the arrays of the {@link Rows} given to the model
     * @param logProb  natural log-probability the model gives to it
     */
    double slope(int position, double logProb);

    /** Cross entropy, averaged over {@code learned} tokens. */
    static TokenLoss crossEntropy(long learned) {
        double slope = -1.0 / Math.max(1, learned);
        return (position, logProb) -> slope;
    }
}
