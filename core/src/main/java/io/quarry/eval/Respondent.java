package io.quarry.eval;

import io.quarry.chat.Conversation;
import java.util.List;

/** Whoever answers an evaluation: a model, or in tests anything. */
public interface Respondent {
    /** One answer per prompt, in order, as text with its tool calls and thoughts. */
    List<String> answers(List<Conversation> prompts);
}
