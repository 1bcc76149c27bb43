package io.quarry.app;

import io.quarry.eval.Evaluate;
import io.quarry.eval.HeldOutLoss;
import io.quarry.eval.Respondent;
import io.quarry.eval.Retrieval;
import io.quarry.eval.Scored;
import io.quarry.eval.Split;
import io.quarry.eval.Task;
import io.quarry.eval.Tasks;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.kernel.KvType;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Evaluation;
import io.quarry.text.TokenFile;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stages that measure a checkpoint: right answers by task, retrieval by length, loss on held-out text. */
final class Measuring {
    private static final String VERSION = "3";
    private static final int EXAMPLES = 3;
    /** Fact of a measurement: held-out loss in short contexts as one number, in nats. */
    static final String SHORT_CONTEXT = "shortContext";

    private Measuring() {}

    /**
     * Measures one checkpoint.
     *
     * @param label      what the checkpoint is called in the report
     * @param checkpoint stage that made it
     * @param retrieval  whether its place in the chain says something of long contexts
     */
    static Stage of(Recipe recipe, String label, String checkpoint, boolean retrieval) {
        Evaluation plan = retrieval ? recipe.evaluation() : recipe.evaluation().withoutRetrieval();
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("evaluation", plan);
        part.put("window", window(recipe));
        part.put("shortMix", shortMix(recipe));
        return new Stage("eval." + label, VERSION, "scores", part,
                List.of(checkpoint, Corpus.TOKENS, Corpus.LONG_DOCUMENTS), c -> {
                    int longest = plan.retrievalLengths().stream().mapToInt(Integer::intValue).max().orElse(0);
                    try (Lm lm = Lm.open(c.in(checkpoint), Engine.of(c.threads()).with(KvType.F32), longest)) {
                        return new Measurement(c, recipe, plan, lm).facts();
                    }
                });
    }

    /** Held-out loss is a matter of short context here: the length of the first phase. */
    private static int window(Recipe recipe) {
        return recipe.pretraining().getFirst().sequenceLength();
    }

    /** What a model of short contexts ends with: the shares by which the losses are one number. */
    private static Map<String, Double> shortMix(Recipe recipe) {
        return recipe.pretraining().getLast().mix();
    }

    /** Mean loss in nats over the categories that were measured, by their shares. */
    static double weighted(Map<String, Double> nats, Map<String, Double> mix) {
        double sum = 0;
        double shares = 0;
        for (Map.Entry<String, Double> category : nats.entrySet()) {
            double share = mix.getOrDefault(category.getKey(), 0.0);
            sum += share * category.getValue();
            shares += share;
        }
        return shares == 0 ? Double.NaN : sum / shares;
    }

    /** One measurement on its way: {@code done} of {@code total} items. */
    private static final class Measurement {
        private final Context c;
        private final Evaluation plan;
        private final Lm lm;
        private final int window;
        private final Map<String, Double> shortMix;
        private final Evaluate evaluate;
        private final long total;
        private long done;

        Measurement(Context c, Recipe recipe, Evaluation plan, Lm lm) throws IOException {
            this.c = c;
            this.plan = plan;
            this.lm = lm;
            this.window = window(recipe);
            this.shortMix = shortMix(recipe);
            this.evaluate = new Evaluate(Respondent.of(lm, plan.maxTokens()));
            this.total = plan.items().values().stream().mapToLong(Integer::longValue).sum()
                    + (long) plan.retrievalItems() * plan.retrievalLengths().size();
        }

        Map<String, Object> facts() throws IOException {
            Map<String, Object> scores = new TreeMap<>();
            List<Object> dialogues = new ArrayList<>();
            for (Map.Entry<String, Integer> entry : plan.items().entrySet()) {
                Scored scored = ask(Tasks.of(entry.getKey()), entry.getValue());
                scores.put(entry.getKey(), scored.score().facts());
                dialogues.addAll(scored.examples(EXAMPLES));
            }
            Tokenizer tokenizer = lm.tokenizer();
            Map<String, Object> retrieval = new LinkedHashMap<>();
            for (int length : plan.retrievalLengths())
                retrieval.put(Integer.toString(length),
                        ask(Retrieval.at(length, text -> tokenizer.encode(text).length), plan.retrievalItems())
                                .score().facts());
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("scores", scores);
            if (!retrieval.isEmpty())
                facts.put("retrieval", retrieval);
            heldOut(facts);
            facts.put("dialogues", dialogues);
            return facts;
        }

        private Scored ask(Task task, int items) {
            Scored scored = evaluate.run(task, Split.HELD_OUT, c.recipeSeed(), items);
            c.progress().at(done += items, total, "items", task.name() + " " + scored.score());
            return scored;
        }

        private void heldOut(Map<String, Object> facts) throws IOException {
            Map<String, Object> losses = new TreeMap<>();
            Map<String, Double> nats = new TreeMap<>();
            for (String corpus : List.of(Corpus.TOKENS, Corpus.LONG_DOCUMENTS))
                for (Map.Entry<String, Path> file : Corpus.tokenFiles(c.in(corpus), "held-out").entrySet())
                    try (TokenFile tokens = TokenFile.open(file.getValue())) {
                        HeldOutLoss loss = HeldOutLoss.of(tokens, plan.heldOutTokens(), window, lm::score);
                        losses.put(file.getKey(), loss.facts());
                        nats.put(file.getKey(), loss.nats());
                    }
            facts.put("heldOut", losses);
            double mean = weighted(nats, shortMix);
            if (!Double.isNaN(mean))
                facts.put(SHORT_CONTEXT, mean);
        }
    }
}
