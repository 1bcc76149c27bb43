package io.quarry.rl;

import io.quarry.recipe.Recipe;
import java.nio.file.Path;

/**
 * All that a stage of reinforcement learning needs.
 *
 * @param initial       checkpoint folder to start from; also the reference the divergence is measured to
 * @param stage         tasks, sizes, learning rate, clips
 * @param optimizer     constants of AdamW
 * @param seed          of prompts and sampling
 * @param threads       of rollouts and of training; another number is another run
 * @param maxContext    longest prompt with its answer, in tokens; prompts that leave no room are passed over and counted
 * @param scratch       folder for the state a killed run goes on from
 * @param out           folder the checkpoint is written to
 * @param tokenizerFrom folder with the tokenizer
 */
public record RlJob(Path initial, Recipe.RlStage stage, Recipe.Optimizer optimizer, long seed, int threads,
        int maxContext, Path scratch, Path out, Path tokenizerFrom) {
    public RlJob {
        if (threads < 1)
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        if (maxContext < 2)
            throw new IllegalArgumentException("maxContext must be at least 2, was " + maxContext);
    }
}
