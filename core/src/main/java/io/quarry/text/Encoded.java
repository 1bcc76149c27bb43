package io.quarry.text;

/**
 * Text as tokens, and which of them a model learns to say.
 *
 * @param ids     token ids
 * @param learned one byte per token: 1 where the token counts in the loss
 */
public record Encoded(int[] ids, byte[] learned) {
    public Encoded {
        if (ids.length != learned.length)
            throw new IllegalArgumentException("a mask of " + learned.length + " for " + ids.length + " tokens");
    }
}
