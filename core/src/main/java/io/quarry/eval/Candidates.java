package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.ToolCall;
import io.quarry.chat.Tools;
import io.quarry.judge.BadSamples;
import io.quarry.judge.Candidate;
import io.quarry.judge.Judge;
import io.quarry.judge.Judges;
import io.quarry.judge.RuleFilters;
import io.quarry.judge.Samples;
import io.quarry.recipe.Recipe;
import io.quarry.text.Specials;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Where tasks and judge meet: items of tasks as candidates for fine-tuning, graders as a part of the judge. */
public final class Candidates {
    private Candidates() {}

    /** An item as a candidate whose response is the right answer. */
    public static Candidate of(Sample sample) {
        return new Candidate(sample.task(), sample.id(), sample.prompt(), sample.solution(), sample.solution(),
                sample.truth());
    }

    /**
     * Training items of tasks with deliberately bad ones mixed in.
     *
     * @param items    how many per task
     * @param badRatio share of them that is spoiled
     */
    public static List<Samples.Offered> draw(Map<String, Long> items, double badRatio, long seed) {
        List<Samples.Offered> out = new ArrayList<>();
        for (Map.Entry<String, Long> entry : new TreeMap<>(items).entrySet()) {
            Task task = Tasks.of(entry.getKey());
            SplittableRandom random = new SplittableRandom(Draw.hash("bad " + task.name() + " " + seed));
            for (long i = 0; i < entry.getValue(); i++) {
                Candidate good = of(task.sample(Split.TRAIN, seed, i));
                if (random.nextDouble() < badRatio) {
                    BadSamples.Bad bad = BadSamples.spoil(good, random);
                    out.add(new Samples.Offered(bad.candidate(), bad.kind()));
                } else
                    out.add(new Samples.Offered(good, null));
            }
        }
        return out;
    }

    /** The judge that knows the ground truth of all tasks. */
    public static Judge programmatic(Recipe.JudgePlan plan) {
        return Judges.programmatic(plan, Candidates::fault);
    }

    private static String fault(Candidate candidate) {
        Sample sample = new Sample(candidate.task(), candidate.id(), candidate.prompt(), candidate.reference(),
                candidate.truth());
        Grade grade = Tasks.of(candidate.task()).grade(sample, written(candidate.response()));
        return grade.correct() ? "" : grade.reason();
    }

    /** An answer as a model would write it: text and calls in one. */
    public static String written(Message message) {
        StringBuilder out = new StringBuilder(message.content());
        for (ToolCall call : message.toolCalls())
            out.append(out.isEmpty() ? "" : "\n").append(Specials.TOOL_CALL).append('\n').append(Tools.json(call))
                    .append('\n').append(Specials.END_TOOL_CALL);
        return out.toString();
    }

    /** Fingerprints of the held-out questions that an evaluation asks, for {@link RuleFilters}. */
    public static Set<Long> heldOut(Map<String, Integer> items, long seed) {
        Set<Long> out = new HashSet<>();
        for (Map.Entry<String, Integer> entry : items.entrySet())
            for (int i = 0; i < entry.getValue(); i++)
                out.add(RuleFilters.fingerprint(Tasks.of(entry.getKey()).sample(Split.HELD_OUT, seed, i).prompt()));
        return out;
    }

    /** All turns, tools left out, and documents of a conversation as plain lines: what a person reads in a report. */
    public static String plain(Conversation conversation) {
        StringBuilder out = new StringBuilder();
        for (Map<String, Object> document : conversation.documents())
            out.append("document: ").append(document.get("text")).append('\n');
        for (Message message : conversation.messages())
            out.append(message.role().wire()).append(": ").append(written(message)).append('\n');
        return out.toString().stripTrailing();
    }
}
