package io.quarry.infer;

/**
 * A text whose likelihood is asked for, and what stands before it.
 *
 * @param context at least one token; not scored
 * @param text    tokens that are scored
 */
public record Continuation(int[] context, int[] text) {
    public Continuation {
        if (context.length == 0)
            throw new IllegalArgumentException(
                    "a context must have at least one token, for instance the begin of text");
    }
}
