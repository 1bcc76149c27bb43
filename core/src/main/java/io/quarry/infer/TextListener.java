package io.quarry.infer;

/** Hears a text piece by piece as soon as it is certain, in the thread that asked for it. */
@FunctionalInterface
public interface TextListener {
    /**
     * Hears one piece; there is one for each token.
     *
     * @param piece whole characters, never a part of a stop string; empty while nothing more is certain
     * @return whether to go on; false ends the text as {@link Completion.Finish#CANCELLED}
     */
    boolean heard(String piece);
}
