package io.quarry.eval;

import io.quarry.chat.Conversation;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a model the items of a task and grades its answers.
 *
 * @param model who answers
 */
public record Evaluate(Respondent model) {
    /** Asks items 0 to {@code items - 1} of a split. */
    public Scored run(Task task, Split split, long seed, int items) {
        List<Sample> samples = new ArrayList<>(items);
        for (int i = 0; i < items; i++)
            samples.add(task.sample(split, seed, i));
        List<Conversation> prompts = samples.stream().map(Sample::prompt).toList();
        List<String> texts = model.answers(prompts);
        if (texts.size() != items)
            throw new IllegalStateException(task.name() + ": asked " + items + " questions, got " + texts.size()
                    + " answers");
        long correct = 0;
        List<Scored.Answer> answers = new ArrayList<>(items);
        for (int i = 0; i < items; i++) {
            Grade grade = task.grade(samples.get(i), texts.get(i));
            correct += grade.correct() ? 1 : 0;
            answers.add(new Scored.Answer(task.name(), Candidates.plain(prompts.get(i)), texts.get(i), grade.correct(),
                    grade.reason()));
        }
        return new Scored(task.name(), new Score(correct, items), answers);
    }
}
