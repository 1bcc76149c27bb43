package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import java.util.Map;

/**
 * One item of a task: a question whose right answer is known.
 *
 * @param task     name of the task that made it
 * @param id       unique within task and split, stable for a seed
 * @param prompt   all turns before the answer
 * @param solution a right answer, worked out; what SFT learns
 * @param truth    what the grader compares with, for instance {@code answer=47}; all JSON values
 */
public record Sample(String task, String id, Conversation prompt, Message solution, Map<String, Object> truth) {
    /** The prompt with the right answer: what SFT learns. */
    public Conversation solved() {
        return prompt.with(solution);
    }
}
