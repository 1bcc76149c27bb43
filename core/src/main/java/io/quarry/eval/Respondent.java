package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.infer.Lm;
import io.quarry.judge.LocalModel;
import java.io.IOException;
import java.util.List;

/** Whoever answers an evaluation: a model, or in tests anything. */
public interface Respondent {
    /** One answer per prompt, in order, as text with its tool calls and thoughts. */
    List<String> answers(List<Conversation> prompts);

    /**
     * A model that answers greedily. A prompt that fills its context is answered with nothing, which no grader takes.
     *
     * @param maxTokens longest answer
     */
    static Respondent of(Lm lm, int maxTokens) throws IOException {
        return LocalModel.of(lm, maxTokens)::answers;
    }
}
