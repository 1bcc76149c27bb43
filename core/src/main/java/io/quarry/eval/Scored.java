package io.quarry.eval;

import java.util.List;
import java.util.Map;

/**
 * What an evaluation of one task gave.
 *
 * @param score   right answers
 * @param answers every answer, in the order of the items
 */
public record Scored(String task, Score score, List<Answer> answers) {
    /**
     * One answer, to look at.
     *
     * @param prompt  turns and documents as plain lines
     * @param answer  what the model said
     * @param correct whether the grader took it
     * @param reason  why not, empty if it did
     */
    public record Answer(String task, String prompt, String answer, boolean correct, String reason) {
        /** As facts of a manifest. */
        public Map<String, Object> facts() {
            return Answers.fields("task", task, "prompt", prompt, "answer", answer, "correct", correct, "reason",
                    reason);
        }
    }

    public Scored {
        answers = List.copyOf(answers);
    }

    /** The first answers as facts of a manifest. */
    public List<Map<String, Object>> examples(int count) {
        return answers.stream().limit(count).map(Answer::facts).toList();
    }
}
