package io.quarry.infer;

/**
 * What a model said.
 *
 * @param tokens   generated ids, without the stop
 * @param logProbs natural log-probability of each token under the model's own distribution (temperature 1)
 * @param finish   why it ended
 */
public record Completion(int[] tokens, float[] logProbs, Finish finish) {
    /** Why a text ended: a stop id, the limit of tokens, or the caller. */
    public enum Finish {
        STOP, LENGTH, CANCELLED
    }
}
