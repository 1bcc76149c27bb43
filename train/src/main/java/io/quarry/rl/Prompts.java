package io.quarry.rl;

import io.quarry.chat.Template;
import io.quarry.eval.Sample;
import io.quarry.eval.Split;
import io.quarry.eval.Task;
import io.quarry.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The questions of every step: a pure function of the seed and the step. Each comes from the task furthest behind its
 * share of the mix.
 */
final class Prompts {
    /** Questions in a row that may be too long before the stage is taken for hopeless. */
    private static final int PATIENCE = 1000;

    private final RlJob job;
    private final Tokenizer tokenizer;
    private final List<String> names;
    private final List<Task> tasks = new ArrayList<>();
    private long[] asked;
    private long[] drawn;
    private long next;
    private long tooLong;

    Prompts(RlJob job, Tokenizer tokenizer, Function<String, Task> tasksByName) {
        this.job = job;
        this.tokenizer = tokenizer;
        this.names = new TreeMap<>(job.stage().mix()).keySet().stream().toList();
        names.forEach(name -> tasks.add(tasksByName.apply(name)));
        restart();
    }

    /** A question, as sample and as tokens that end where the answer begins. */
    record Prompt(Task task, Sample sample, int[] tokens) {}

    /** The questions of a step, from 0. */
    List<Prompt> at(long step) {
        if (step < next)
            restart();
        while (next < step)
            draw();
        return draw();
    }

    /** An answer as its graders read it. */
    String text(int[] answer) {
        return tokenizer.decode(answer);
    }

    /** Questions passed over so far because they left no room for an answer. */
    long tooLong() {
        return tooLong;
    }

    private void restart() {
        asked = new long[names.size()];
        drawn = new long[names.size()];
        tooLong = 0;
        next = 0;
    }

    private List<Prompt> draw() {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < job.stage().prompts(); i++) {
            int task = behind(next * job.stage().prompts() + i + 1);
            asked[task]++;
            prompts.add(draw(task));
        }
        next++;
        return prompts;
    }

    private int behind(long total) {
        Map<String, Double> mix = job.stage().mix();
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < asked.length; t++) {
            double lack = mix.get(names.get(t)) * total - asked[t];
            if (lack > most + 1e-9) {
                most = lack;
                best = t;
            }
        }
        return best;
    }

    private Prompt draw(int t) {
        for (int tries = 0; tries < PATIENCE; tries++) {
            Sample sample = tasks.get(t).sample(Split.TRAIN, job.seed(), drawn[t]++);
            int[] tokens = Template.encode(tokenizer, sample.prompt(), true).ids();
            if (tokens.length < job.maxContext())
                return new Prompt(tasks.get(t), sample, tokens);
            tooLong++;
        }
        throw new IllegalArgumentException(PATIENCE + " questions of " + names.get(t) + " in a row have "
                + job.maxContext() + " tokens or more; rl." + job.stage().name() + " needs a longer context");
    }
}
