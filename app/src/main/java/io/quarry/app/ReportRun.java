package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Manifest;
import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run as the sections of the report see it: the recipe and the stages with their facts.
 *
 * @param recipe the resolved recipe
 * @param stages in the chain's order
 */
record ReportRun(Recipe recipe, List<Stage> stages) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** One stage: where its artifact lies, its manifest, its facts. */
    record Stage(Artifact artifact, ReportFacts facts) {
        Manifest manifest() {
            return artifact.manifest();
        }

        String name() {
            return manifest().stage();
        }
    }

    static ReportRun of(Recipe recipe, List<Artifact> artifacts) {
        List<Stage> stages = new ArrayList<>();
        for (Artifact artifact : artifacts) {
            Manifest manifest = artifact.manifest();
            stages.add(new Stage(artifact, new ReportFacts(manifest.stage(), asStored(manifest.facts()))));
        }
        return new ReportRun(recipe, List.copyOf(stages));
    }

    /** Facts as they come back from disk: records that a stage has just handed over are objects there. */
    private static Map<?, ?> asStored(Map<String, Object> facts) {
        return facts == null ? Map.of() : JSON.convertValue(facts, Map.class);
    }

    /** The facts of a stage; empty facts where the run has no such stage. */
    ReportFacts facts(String stage) {
        return stages.stream().filter(s -> s.name().equals(stage)).map(Stage::facts).findFirst()
                .orElseGet(() -> new ReportFacts(stage, Map.of()));
    }

    /** Stages whose name begins so, in the chain's order, by what follows. */
    Map<String, ReportFacts> facts(String prefix, String kind) {
        Map<String, ReportFacts> found = new LinkedHashMap<>();
        for (Stage stage : stages)
            if (stage.name().startsWith(prefix) && (kind.isEmpty() || kind.equals(stage.manifest().kind())))
                found.put(stage.name().substring(prefix.length()), stage.facts());
        return found;
    }

    /** The checkpoint the chain ends with. */
    Optional<Stage> model() {
        return stages.reversed().stream().filter(s -> "checkpoint".equals(s.manifest().kind())).findFirst();
    }

    /** Trained parameters: as the checkpoint says, else counted from the recipe's sizes and the tokenizer's vocabulary. */
    OptionalLong parameters() {
        for (Stage stage : stages) {
            OptionalDouble said = stage.facts().number("parameters");
            if (said.isPresent())
                return OptionalLong.of((long) said.getAsDouble());
        }
        OptionalDouble vocabulary = facts("tokenizer").number("vocabulary");
        Recipe.ModelPlan plan = recipe.model();
        if (vocabulary.isEmpty() || plan == null)
            return OptionalLong.empty();
        ModelSpec spec = new ModelSpec((int) vocabulary.getAsDouble(), plan.dim(), plan.layers(), plan.heads(),
                plan.kvHeads(), plan.headDim(), plan.ffn(), 1, plan.ropeTheta(), plan.normEps(),
                plan.embeddingMultiplier(), plan.attentionMultiplier(), plan.residualMultiplier(),
                plan.logitsScaling(), plan.tiedEmbeddings(), 0, 0, 0);
        return OptionalLong.of(spec.parameters());
    }

    double seconds() {
        return stages.stream().mapToDouble(s -> s.manifest().seconds()).sum();
    }

    /** Highest resident memory over the stages, in bytes. */
    OptionalDouble peakBytes() {
        return stages.stream().map(s -> peakBytes(s.facts())).filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble).max();
    }

    /** Where the system cannot measure one stage alone, the peak since the start of the process stands in. */
    static OptionalDouble peakBytes(ReportFacts facts) {
        OptionalDouble own = facts.number("peakResidentBytes");
        OptionalDouble sinceStart = facts.number("peakResidentBytesSinceStart");
        return own.isPresent() ? own : sinceStart;
    }
}
