package io.quarry.recipe;

import io.quarry.recipe.Recipe.Extension;
import io.quarry.recipe.Recipe.Phase;
import io.quarry.recipe.Recipe.RlStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The checks that need more than one part of a recipe: names, categories that something fills, lengths that grow. */
final class Whole {
    private Whole() {}

    static void check(Recipe recipe) {
        names(recipe);
        recipe.model().spec(recipe.tokenizer().vocabulary(), 1, 0, 0);
        categories(recipe);
        lengths(recipe);
        Set<String> made = recipe.sft().items().keySet();
        Check.known("sft.phase.mix", recipe.sft().phase().mix().keySet(), made,
                "is a task of which sft.items makes none");
    }

    private static void names(Recipe recipe) {
        Check.that(recipe.name().matches("[A-Za-z0-9][A-Za-z0-9._-]*"), "name",
                "must be made of letters, digits, dots, hyphens and underscores, was \"" + recipe.name() + "\"");
        Check.unique("sources", recipe.sources().stream().map(Recipe.Source::name).toList());
        Check.unique("pretraining", recipe.pretraining().stream().map(Phase::name).toList());
        Check.unique("longContext", recipe.longContext().stream().map(Extension::phase).map(Phase::name).toList());
        Check.unique("rl", recipe.rl().stream().map(RlStage::name).toList());
    }

    private static void categories(Recipe recipe) {
        Set<String> filled = new TreeSet<>();
        recipe.sources().forEach(source -> filled.add(source.category()));
        recipe.synthetic().forEach(synthetic -> filled.add(synthetic.category()));
        String wrong = "is a category that no source and no synthetic task fills";
        for (Phase phase : recipe.pretraining())
            Check.known("pretraining (" + phase.name() + ").mix", phase.mix().keySet(), filled, wrong);
        for (Extension stage : recipe.longContext())
            Check.known("longContext (" + stage.phase().name() + ").mix", stage.phase().mix().keySet(), filled, wrong);
    }

    private static void lengths(Recipe recipe) {
        List<Phase> phases = new ArrayList<>(recipe.pretraining());
        int longest = phases.stream().mapToInt(Phase::sequenceLength).max().orElse(0);
        for (Extension stage : recipe.longContext()) {
            int length = stage.phase().sequenceLength();
            Check.that(length > longest, "longContext (" + stage.phase().name() + ").phase.sequenceLength",
                    "must be over the length before it (" + longest + "), was " + length);
            longest = length;
            phases.add(stage.phase());
        }
        phases.add(recipe.sft().phase());
        for (Phase phase : phases)
            Check.that(phase.schedule().warmupSteps() < Math.max(2, phase.steps()),
                    "phase " + phase.name() + ": schedule.warmupSteps",
                    "must be under its " + phase.steps() + " steps, was " + phase.schedule().warmupSteps());
        for (int length : recipe.evaluation().retrievalLengths())
            Check.that(length <= longest, "evaluation.retrievalLengths",
                    "must not be over the longest training length (" + longest + "), has " + length);
    }
}
