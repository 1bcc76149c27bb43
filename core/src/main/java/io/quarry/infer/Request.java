package io.quarry.infer;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * One text to continue.
 *
 * @param prompt       token ids; at least one
 * @param begun        how many of the prompt's last tokens are the begin of the answer, which is continued
 * @param prefix       tokens the answer must begin with; part of the completion, with log-probabilities like the others
 * @param maxTokens    most tokens of the completion
 * @param sampling     how the next token is picked
 * @param stops        ids that end the text; the one met is not part of the completion
 * @param stopStrings  strings that end the text when they are met in what the model says after prompt and prefix; one
 *                     that is a special token's text adds its id to the stops. Needs a model with a tokenizer
 * @param alternatives how many of the likeliest tokens are told for each token
 * @param speculative  whether tokens may be guessed and verified together; the text is the same, mostly sooner
 */
public record Request(int[] prompt, int begun, int[] prefix, int maxTokens, Sampling sampling, Set<Integer> stops,
        List<String> stopStrings, int alternatives, boolean speculative) {
    private static final int MOST_ALTERNATIVES = 100;

    public Request {
        if (prompt.length == 0)
            throw new IllegalArgumentException("a prompt must have at least one token");
        if (begun < 0 || begun > prompt.length)
            throw new IllegalArgumentException("of a prompt of " + prompt.length + " tokens the last " + begun
                    + " cannot be the begin of the answer");
        if (maxTokens < 0)
            throw new IllegalArgumentException("maxTokens must not be negative, was " + maxTokens);
        if (prefix.length > maxTokens)
            throw new IllegalArgumentException("a prefix of " + prefix.length
                    + " tokens is longer than maxTokens, " + maxTokens);
        if (alternatives < 0 || alternatives > MOST_ALTERNATIVES)
            throw new IllegalArgumentException(
                    "alternatives must be 0 to " + MOST_ALTERNATIVES + ", was " + alternatives);
        stops = Set.copyOf(stops);
        stopStrings = List.copyOf(stopStrings);
        if (stopStrings.contains(""))
            throw new IllegalArgumentException("a stop string must have at least one character");
    }

    /** A request of nothing but the usual. */
    public Request(int[] prompt, int maxTokens, Sampling sampling, Set<Integer> stops) {
        this(prompt, 0, new int[0], maxTokens, sampling, stops, List.of(), 0, true);
    }

    /**
     * The same, with the answer begun: the model goes on after these tokens. They are not part of the completion, but
     * frequency and presence penalties count them, and a character that begins in them is completed.
     */
    public Request continuing(int[] answer) {
        int[] longer = Arrays.copyOf(prompt, prompt.length + answer.length);
        System.arraycopy(answer, 0, longer, prompt.length, answer.length);
        return new Request(longer, begun + answer.length, prefix, maxTokens, sampling, stops, stopStrings, alternatives,
                speculative);
    }

    /** The same, with tokens the answer must begin with. */
    public Request withPrefix(int... tokens) {
        return new Request(prompt, begun, tokens, maxTokens, sampling, stops, stopStrings, alternatives,
                speculative);
    }

    public Request withMaxTokens(int most) {
        return new Request(prompt, begun, prefix, most, sampling, stops, stopStrings, alternatives,
                speculative);
    }

    public Request withSampling(Sampling how) {
        return new Request(prompt, begun, prefix, maxTokens, how, stops, stopStrings, alternatives,
                speculative);
    }

    public Request withStops(Set<Integer> ids) {
        return new Request(prompt, begun, prefix, maxTokens, sampling, ids, stopStrings, alternatives,
                speculative);
    }

    public Request withStopStrings(String... strings) {
        return new Request(prompt, begun, prefix, maxTokens, sampling, stops, List.of(strings), alternatives,
                speculative);
    }

    public Request withAlternatives(int each) {
        return new Request(prompt, begun, prefix, maxTokens, sampling, stops, stopStrings, each,
                speculative);
    }

    public Request withSpeculation(boolean allowed) {
        return new Request(prompt, begun, prefix, maxTokens, sampling, stops, stopStrings, alternatives,
                allowed);
    }
}
