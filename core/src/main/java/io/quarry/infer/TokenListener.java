package io.quarry.infer;

import java.util.List;

/** Hears each token of a completion as soon as it is there, in the thread that asked for the completion. */
@FunctionalInterface
public interface TokenListener {
    /**
     * One token.
     *
     * @param logProb      natural log-probability under the model's own distribution
     * @param alternatives the likeliest in its place, the likeliest first, as many as were asked for
     */
    record Token(int id, float logProb, List<Completion.Alternative> alternatives) {}

    /**
     * Hears one token.
     *
     * @return whether to go on; false ends the completion as {@link Completion.Finish#CANCELLED}
     */
    boolean heard(Token token);
}
