package io.quarry.serve;

import io.quarry.chat.CallMarks;
import io.quarry.chat.Conversation;
import io.quarry.infer.Completion;
import io.quarry.infer.Sampling;

/** Whoever takes the assistant's turn: what the server needs of a model, so that a test can put words in its mouth. */
public interface Assistant {
    /** Most tokens of prompt and answer together. */
    int contextLength();

    /**
     * A conversation as tokens, with the assistant's turn opened. The text of the messages is data: nothing in it can
     * open or close a turn.
     *
     * @throws io.quarry.jinja.TemplateException if the model's template does not take such a conversation
     */
    int[] prompt(Conversation conversation);

    /**
     * Takes the turn. May be called from many threads at once; no answer depends on another.
     *
     * @param prompt    tokens of {@link #prompt}, fewer than the context holds
     * @param maxTokens most tokens to say
     * @param listener  hears the text as it comes, in the calling thread; what it throws ends the answer
     * @return the tokens said, without the one that ended the turn
     */
    Completion answer(int[] prompt, int maxTokens, Sampling sampling, TextListener listener);

    /** How calls of tools stand in the text of an answer. */
    CallMarks calls();

    /** Hears an answer token by token. */
    @FunctionalInterface
    interface TextListener {
        /**
         * Hears one token.
         *
         * @param text what is certain now, never half a character; empty while a character is not whole
         * @return whether to go on
         */
        boolean heard(String text);
    }
}
