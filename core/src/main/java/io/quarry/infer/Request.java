package io.quarry.infer;

import java.util.Set;

/**
 * One text to continue.
 *
 * @param prompt    token ids; at least one
 * @param maxTokens most tokens to generate
 * @param sampling  how the next token is picked
 * @param stops     ids that end the text; the one met is not part of the completion
 */
public record Request(int[] prompt, int maxTokens, Sampling sampling, Set<Integer> stops) {
    public Request {
        if (prompt.length == 0)
            throw new IllegalArgumentException("a prompt must have at least one token");
        if (maxTokens < 0)
            throw new IllegalArgumentException("maxTokens must not be negative, was " + maxTokens);
        stops = Set.copyOf(stops);
    }
}
