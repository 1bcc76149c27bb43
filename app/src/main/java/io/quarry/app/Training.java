package io.quarry.app;

import io.quarry.merge.Merge;
import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Extension;
import io.quarry.recipe.Recipe.ModelPlan;
import io.quarry.recipe.Recipe.Phase;
import io.quarry.recipe.Recipe.RlStage;
import io.quarry.rl.Grpo;
import io.quarry.rl.RlJob;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import io.quarry.train.TrainJob;
import io.quarry.train.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stages that change weights: phases, context extension, merges, fine-tuning, reinforcement learning. */
final class Training {
    private static final String VERSION = "3";

    private Training() {}

    /** A phase of pre-training; {@code before} is the stage whose checkpoint it goes on from, null for the first. */
    static Stage phase(Recipe recipe, Phase phase, String before) {
        return supervised("pretrain." + phase.name(), recipe, before, new Schooling(phase, 1, false,
                phase.sequenceLength(), recipe.model().ropeTheta()), List.of(Corpus.TOKENS, Corpus.LONG_DOCUMENTS));
    }

    /** One stage of context extension. */
    static Stage extension(Recipe recipe, Extension stage, String before) {
        Phase phase = stage.phase();
        return supervised("long." + phase.name(), recipe, before,
                new Schooling(phase, 1, false, phase.sequenceLength(), stage.ropeTheta()),
                List.of(Corpus.TOKENS, Corpus.LONG_DOCUMENTS));
    }

    /** Fine-tuning on what the judge accepted, at the length and RoPE base of the checkpoint it starts from. */
    static Stage sft(Recipe recipe, String before) {
        Extension last = recipe.longContext().getLast();
        return supervised("sft", recipe, before, new Schooling(recipe.sft().phase(), recipe.sft().epochs(), true,
                last.phase().sequenceLength(), last.ropeTheta()), List.of(Tuning.SAMPLES));
    }

    /**
     * What a supervised stage is taught.
     *
     * @param samples whether the tokens are samples with masks; else text
     * @param context length the model is made for from here on
     */
    private record Schooling(Phase phase, int epochs, boolean samples, int context, double ropeTheta) {}

    private static Stage supervised(String name, Recipe recipe, String before, Schooling schooling,
            List<String> corpora) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("schooling", schooling);
        part.put("model", recipe.model());
        part.put("optimizer", recipe.optimizer());
        part.put("threads", recipe.limits().threads());
        part.put("heldOutTokens", recipe.evaluation().heldOutTokens());
        List<String> needs = new ArrayList<>(corpora);
        needs.add(Corpus.TOKENIZER);
        if (before != null)
            needs.add(before);
        return new Stage(name, VERSION, "checkpoint", part, needs, c -> {
            Map<String, Path> tokens = new TreeMap<>();
            Map<String, Path> heldOut = new TreeMap<>();
            for (String corpus : corpora) {
                tokens.putAll(Corpus.tokenFiles(c.in(corpus), "train"));
                heldOut.putAll(Corpus.tokenFiles(c.in(corpus), "held-out"));
            }
            tokens.keySet().retainAll(schooling.phase().mix().keySet());
            ModelSpec spec = spec(recipe.model(), Tokenizer.open(c.in(Corpus.TOKENIZER)), schooling);
            TrainJob job = new TrainJob(spec, before == null ? null : c.in(before), recipe.model().initializerRange(),
                    schooling.phase(), recipe.optimizer(), tokens, schooling.samples() ? Map.of() : heldOut,
                    recipe.evaluation().heldOutTokens(), c.seed(), c.threads(), true, schooling.epochs(), c.scratch(),
                    c.out(), c.in(Corpus.TOKENIZER));
            return Trainer.run(job, c.progress()).facts();
        });
    }

    /** The merge behind a stage of context extension: {@code newer} with the checkpoint before it. */
    static Stage merge(String name, Recipe.Merge merge, String older, String newer) {
        return new Stage(name, VERSION, "checkpoint", merge, List.of(older, newer), c -> {
            Merge.run(merge.rule(), merge.weight(), c.in(older), c.in(newer), c.out());
            return Map.of("rule", merge.rule(), "weight", merge.weight());
        });
    }

    /** One stage of reinforcement learning. */
    static Stage rl(Recipe recipe, RlStage stage, String before) {
        Map<String, Object> part = new LinkedHashMap<>();
        int longest = recipe.sft().phase().sequenceLength();
        part.put("stage", stage);
        part.put("maxContext", longest);
        part.put("optimizer", recipe.optimizer());
        part.put("threads", recipe.limits().threads());
        return new Stage("rl." + stage.name(), VERSION, "checkpoint", part, List.of(before),
                c -> Grpo.run(new RlJob(c.in(before), stage, recipe.optimizer(), c.seed(), c.threads(), longest,
                        c.scratch(), c.out(), c.in(before)), c.progress()).facts());
    }

    private static ModelSpec spec(ModelPlan model, Tokenizer tokenizer, Schooling schooling) {
        return model.spec(tokenizer.vocabulary(), schooling.context(), tokenizer.id(Specials.END_OF_TEXT),
                tokenizer.id(Specials.PAD)).withContext(schooling.context(), schooling.ropeTheta());
    }
}
