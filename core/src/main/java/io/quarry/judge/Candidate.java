package io.quarry.judge;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import java.util.Map;

/**
 * An answer that may become a training sample. Judges judge the response; all else is context.
 *
 * @param task      name of the task that made it; {@code ""} if none did
 * @param id        unique within the task
 * @param prompt    all turns before the response, with tools and documents
 * @param response  what is judged
 * @param reference an answer known to be right, for judges that have ground truth; the response itself where none is known
 * @param truth     what the task's grader compares with; empty where nothing is known
 */
public record Candidate(String task, String id, Conversation prompt, Message response, Message reference,
        Map<String, Object> truth) {
    /** Entry of the truth that is false for a question without an answer, where the right response says so. */
    public static final String ANSWERABLE = "answerable";

    public Candidate {
        if (response.role() != Message.Role.ASSISTANT)
            throw new IllegalArgumentException(
                    task + " " + id + ": the response is the assistant's, not the " + response.role().wire() + "'s");
    }

    /** The same question with another response. */
    public Candidate with(Message other) {
        return new Candidate(task, id, prompt, other, reference, truth);
    }

    /** The whole conversation: what fine-tuning learns if the candidate is accepted. */
    public Conversation conversation() {
        return prompt.with(response);
    }
}
