package io.quarry.infer;

/** Hears each token of a completion as soon as it is there, in the thread that asked for the completion. */
@FunctionalInterface
public interface TokenListener {
    /**
     * Hears one token.
     *
     * @param token   its id
     * @param logProb natural log-probability under the model's own distribution
     * @return whether to go on; false ends the completion as {@link Completion.Finish#CANCELLED}
     */
    boolean heard(int token, float logProb);
}
