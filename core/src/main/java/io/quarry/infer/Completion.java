package io.quarry.infer;

import java.util.List;

/**
 * What a model said.
 *
 * @param tokens       generated ids, without the stop id; those that make up a stop string are there
 * @param logProbs     natural log-probability of each token under the model's own distribution (temperature 1)
 * @param alternatives for each token the likeliest in its place, the likeliest first; empty if none were asked for
 * @param finish       why it ended
 */
public record Completion(int[] tokens, float[] logProbs, List<List<Alternative>> alternatives, Finish finish) {
    /** Why a text ended: a stop id, the limit of tokens, a stop string, or the caller. */
    public enum Finish {
        STOP, LENGTH, STOP_STRING, CANCELLED
    }

    /**
     * A token that could have been said.
     *
     * @param logProb natural log-probability under the model's own distribution
     */
    public record Alternative(int token, float logProb) {}

    /** A completion without alternatives. */
    public Completion(int[] tokens, float[] logProbs, Finish finish) {
        this(tokens, logProbs, List.of(), finish);
    }
}
