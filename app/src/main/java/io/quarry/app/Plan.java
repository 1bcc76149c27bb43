package io.quarry.app;

import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a run will need of the memory, said before it starts. An estimate from above: what stays (heap and libraries)
 * plus the weights' state and the activations of the stage that takes most.
 *
 * @param stage       the stage that takes most
 * @param fixed       bytes for the heap, LibTorch and the JVM itself
 * @param state       bytes for weights, gradients, moments and copies
 * @param activations bytes for one step of that stage
 * @param limit       what the recipe allows, in bytes
 */
record Plan(String stage, long fixed, long state, long activations, long limit) {
    /** LibTorch's libraries, their buffers, code and class data of the JVM: measured, rounded up. */
    private static final long LIBRARIES = 1L << 30;
    /** Weights, gradients and two moments in f32, compute copy in bf16, the saved state while it is written. */
    private static final long BYTES_PER_PARAMETER = 4 + 4 + 8 + 2 + 12;
    /** Of probabilities, in queries per block: attention runs block by block over the queries. */
    private static final long QUERY_BLOCK = 512;

    /** One training stage: its name, and tokens of a step and of a row. */
    private record Load(String name, long stepTokens, long rowTokens) {}

    static Plan of(Recipe recipe) {
        ModelSpec spec = recipe.model().spec(recipe.tokenizer().vocabulary(), 1, 0, 0);
        Load most = loads(recipe).stream().max(Comparator.comparingLong(load -> activations(spec, load)))
                .orElse(new Load("evaluation", recipe.evaluation().maxTokens(), recipe.evaluation().maxTokens()));
        return new Plan(most.name(), Runtime.getRuntime().maxMemory() + LIBRARIES,
                spec.parameters() * BYTES_PER_PARAMETER, activations(spec, most),
                (long) (recipe.limits().memoryGiB() * (1L << 30)));
    }

    long bytes() {
        return fixed + state + activations;
    }

    /** Refuses a recipe that does not fit into what it allows itself, or into this machine. */
    void check() {
        check(Memory.total());
    }

    void check(long machine) {
        String need = "the recipe needs about " + Meter.Numbers.gib(bytes()) + " (" + Meter.Numbers.gib(fixed)
                + " for the heap and the libraries, " + Meter.Numbers.gib(state)
                + " for weights, gradients and moments, " + Meter.Numbers.gib(activations) + " for a step of " + stage
                + "), but ";
        String advice = ". Make model, batchTokens or sequenceLength smaller";
        if (bytes() > limit)
            throw new IllegalArgumentException(need + "its limits.memoryGiB is " + Meter.Numbers.gib(limit) + advice
                    + ", or raise the limit");
        if (bytes() > machine)
            throw new IllegalArgumentException(need + "this machine (or container) has " + Meter.Numbers.gib(machine)
                    + advice + ", or use a larger machine");
    }

    private static List<Load> loads(Recipe recipe) {
        List<Load> loads = new ArrayList<>();
        recipe.pretraining().forEach(phase -> loads.add(load("pretrain." + phase.name(), phase)));
        recipe.longContext().forEach(stage -> loads.add(load("long context " + stage.phase().name(), stage.phase())));
        loads.add(load("sft", recipe.sft().phase()));
        recipe.rl().forEach(stage -> loads.add(new Load("rl." + stage.name(),
                (long) stage.prompts() * stage.group() * stage.maxTokens() * 2, stage.maxTokens() * 2L)));
        return loads;
    }

    private static Load load(String name, Phase phase) {
        return new Load(name, phase.batchTokens(), phase.sequenceLength());
    }

    /** What the backward pass keeps of one step, and the largest things beside it. */
    private static long activations(ModelSpec s, Load load) {
        long perTokenAndLayer = 4L * (6L * s.dim() + 3L * s.qDim() + 4L * s.kvDim() + 4L * s.ffn());
        long kept = load.stepTokens() * s.layers() * perTokenAndLayer;
        long probabilities = 8L * s.heads() * load.stepTokens() * Math.min(load.rowTokens(), QUERY_BLOCK) * 2;
        long logits = 8L * Math.min(load.stepTokens(), 4096) * s.vocabulary();
        return kept + probabilities + logits;
    }
}
