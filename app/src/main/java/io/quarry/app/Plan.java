package io.quarry.app;

import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a run will need of the memory, said before it starts. An estimate from above, by the stage that takes most.
 *
 * @param stage       the stage that takes most
 * @param heap        bytes the heap may grow to
 * @param state       bytes of the heap for weights, gradients and moments
 * @param beside      bytes beside the heap that do not depend on the stage: libraries, code, compute copies
 * @param activations bytes beside the heap for one step of that stage
 * @param limit       what the recipe allows, in bytes
 */
record Plan(String stage, long heap, long state, long beside, long activations, long limit) {
    /** LibTorch's libraries and their buffers, code and class data of the JVM. */
    private static final long LIBRARIES = 1L << 30;
    /** In f32: weights, gradients of the step and of each of two lanes, two moments, the model before (RL). */
    private static final long STATE_BYTES = 4 * (1 + 1 + 2 + 2 + 1);
    /** The copies that products read. */
    private static final long COPY_BYTES = 2 * 2;
    /** Share of the heap that state may take; documents, batches and the saved state need the rest. */
    private static final double STATE_SHARE = 0.6;
    /** Tokens a lane works on at a time, if a row is not longer; as the trainer cuts a step. */
    private static final long PART_TOKENS = 1024;
    /** Queries whose scores are in memory at once. */
    private static final long QUERIES = 128;

    /** One training stage and the tokens of its rows. */
    private record Load(String name, long rowTokens) {}

    static Plan of(Recipe recipe) {
        ModelSpec spec = recipe.model().spec(recipe.tokenizer().vocabulary(), 1, 0, 0);
        int asked = recipe.limits().threads();
        int lanes = asked > 0 ? asked : Runtime.getRuntime().availableProcessors();
        Load most = loads(recipe).stream().max(Comparator.comparingLong(Load::rowTokens)).orElseThrow();
        return new Plan(most.name(), Runtime.getRuntime().maxMemory(), spec.parameters() * STATE_BYTES,
                LIBRARIES + spec.parameters() * COPY_BYTES, lanes * activations(spec, most.rowTokens()),
                (long) (recipe.limits().memoryGiB() * (1L << 30)));
    }

    long bytes() {
        return heap + beside + activations;
    }

    /** Refuses a recipe that does not fit into what it allows itself, or into this machine. */
    void check() {
        check(Memory.total());
    }

    void check(long machine) {
        if (state > STATE_SHARE * heap)
            throw new IllegalArgumentException("the recipe needs about " + Meter.Numbers.gib(state)
                    + " of the heap for weights, gradients and moments, but the heap may take only "
                    + Meter.Numbers.gib(heap) + ". Give it more: QUARRY_JAVA_OPTS=-Xmx"
                    + (long) Math.ceil(state / STATE_SHARE / (1L << 30)) + "g, or make the model smaller");
        String need = "the recipe needs about " + Meter.Numbers.gib(bytes()) + " (" + Meter.Numbers.gib(heap)
                + " of heap, " + Meter.Numbers.gib(beside) + " for libraries and copies of the weights, "
                + Meter.Numbers.gib(activations) + " for a step of " + stage + "), but ";
        if (bytes() > limit)
            throw new IllegalArgumentException(need + "its limits.memoryGiB is " + Meter.Numbers.gib(limit)
                    + ". Make the model or sequenceLength smaller, or raise the limit");
        if (bytes() > machine)
            throw new IllegalArgumentException(need + "this machine (or container) has " + Meter.Numbers.gib(machine)
                    + ". Make the model or sequenceLength smaller, or use a larger machine");
    }

    private static List<Load> loads(Recipe recipe) {
        List<Load> loads = new ArrayList<>();
        recipe.pretraining().forEach(phase -> loads.add(load(phase)));
        recipe.longContext().forEach(extension -> loads.add(load(extension.phase())));
        loads.add(load(recipe.sft().phase()));
        return loads;
    }

    private static Load load(Phase phase) {
        return new Load(phase.name(), phase.sequenceLength());
    }

    /** Of one lane: what the backward pass keeps of a part, as much again for slopes, and the largest things beside. */
    private static long activations(ModelSpec s, long rowTokens) {
        long tokens = Math.max(PART_TOKENS, rowTokens);
        long numbers = 4L * s.dim() + 3L * (s.qDim() + 2L * s.kvDim()) + 3L * s.ffn();
        long kept = tokens * s.layers() * numbers * 4;
        long scores = 2 * 4 * QUERIES * s.heads() * rowTokens * Math.max(1, PART_TOKENS / rowTokens);
        long logits = 2 * 4 * PART_TOKENS * s.vocabulary();
        return 2 * kept + scores + logits;
    }
}
