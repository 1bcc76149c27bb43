package io.quarry.app;

import io.quarry.eval.Tasks;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Extension;
import io.quarry.recipe.Recipe.Phase;
import io.quarry.recipe.Recipe.RlStage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The whole chain on one page: every stage, in order. Every checkpoint is measured; retrieval at length is a matter of the
 * last one before the extension, the one after it, and the last of all.
 *
 * <pre>
 * sources, synthetic --curate--> documents --tokenizer--> tokens
 * tokens --p1--> --p2--> --p3--> --p4--> --long--> --merge--> --long--> --merge--> base
 * samples --judge--> --sft--> --rl--> --rl--> chat          everything --report--> report.html
 * </pre>
 */
final class Chain {
    private Chain() {}

    static List<Stage> stages(Recipe recipe, Path recipeDir) throws IOException {
        knownTasks(recipe);
        List<Stage> all = new ArrayList<>();
        all.add(Corpus.sources(recipe, recipeDir));
        all.add(Synthesis.documents(recipe));
        all.add(Corpus.curate(recipe));
        all.add(Corpus.tokenizer(recipe));
        all.add(Corpus.tokens());
        all.add(Synthesis.longDocuments(recipe));

        String model = null;
        for (Phase phase : recipe.pretraining()) {
            model = add(all, Training.phase(recipe, phase, model));
            all.add(Measuring.of(recipe, phase.name(), model, phase == recipe.pretraining().getLast()));
        }
        for (Extension extension : recipe.longContext()) {
            String longer = add(all, Training.extension(recipe, extension, model));
            model = add(all, Training.merge("merge." + extension.phase().name(), extension.merge(), model, longer));
        }
        all.add(Measuring.of(recipe, "base", model, true));

        all.add(Tuning.samples(recipe));
        model = add(all, Training.sft(recipe, model));
        all.add(Measuring.of(recipe, "sft", model, recipe.rl().isEmpty()));
        for (RlStage stage : recipe.rl()) {
            model = add(all, Training.rl(recipe, stage, model));
            all.add(Measuring.of(recipe, "rl." + stage.name(), model, stage == recipe.rl().getLast()));
        }
        all.add(Reporting.stage(recipe, all));
        return all;
    }

    /** A task that does not exist is said before anything starts. */
    private static void knownTasks(Recipe recipe) {
        Map<String, Collection<String>> named = new LinkedHashMap<>();
        named.put("synthetic", recipe.synthetic().stream().map(Recipe.Synthetic::task).toList());
        named.put("sft.items", recipe.sft().items().keySet());
        recipe.rl().forEach(stage -> named.put("rl (" + stage.name() + ").mix", stage.mix().keySet()));
        named.put("evaluation.items", recipe.evaluation().items().keySet());
        named.forEach((key, tasks) -> tasks.forEach(task -> {
            try {
                Tasks.of(task);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
            }
        }));
    }

    private static String add(List<Stage> all, Stage stage) {
        all.add(stage);
        return stage.name();
    }
}
